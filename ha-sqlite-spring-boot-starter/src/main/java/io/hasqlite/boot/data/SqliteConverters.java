package io.hasqlite.boot.data;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.UUID;
import org.springframework.core.convert.converter.Converter;
import org.springframework.data.convert.ReadingConverter;
import org.springframework.data.convert.WritingConverter;

/**
 * Between what SQLite keeps and the types of entities; Spring Data's own converters do the rest.
 */
final class SqliteConverters {

  private SqliteConverters() {}

  static List<Converter<?, ?>> all() {
    return List.of(
        NumberToBoolean.INSTANCE,
        NumberToInstant.INSTANCE,
        NumberToLocalDateTime.INSTANCE,
        NumberToLocalDate.INSTANCE,
        NumberToLocalTime.INSTANCE,
        UuidToText.INSTANCE,
        TextToUuid.INSTANCE);
  }

  private static LocalDateTime local(Number millis) {
    return LocalDateTime.ofInstant(
        Instant.ofEpochMilli(millis.longValue()), ZoneId.systemDefault());
  }

  @ReadingConverter
  enum NumberToBoolean implements Converter<Number, Boolean> {
    INSTANCE;

    @Override
    public Boolean convert(Number source) {
      return source.longValue() != 0;
    }
  }

  @ReadingConverter
  enum NumberToInstant implements Converter<Number, Instant> {
    INSTANCE;

    @Override
    public Instant convert(Number source) {
      return Instant.ofEpochMilli(source.longValue());
    }
  }

  @ReadingConverter
  enum NumberToLocalDateTime implements Converter<Number, LocalDateTime> {
    INSTANCE;

    @Override
    public LocalDateTime convert(Number source) {
      return local(source);
    }
  }

  @ReadingConverter
  enum NumberToLocalDate implements Converter<Number, LocalDate> {
    INSTANCE;

    @Override
    public LocalDate convert(Number source) {
      return local(source).toLocalDate();
    }
  }

  @ReadingConverter
  enum NumberToLocalTime implements Converter<Number, LocalTime> {
    INSTANCE;

    @Override
    public LocalTime convert(Number source) {
      return local(source).toLocalTime();
    }
  }

  @WritingConverter
  enum UuidToText implements Converter<UUID, String> {
    INSTANCE;

    @Override
    public String convert(UUID source) {
      return source.toString();
    }
  }

  @ReadingConverter
  enum TextToUuid implements Converter<String, UUID> {
    INSTANCE;

    @Override
    public UUID convert(String source) {
      return UUID.fromString(source);
    }
  }
}
