package io.hasqlite.boot.web;

import io.hasqlite.WriteToken;
import io.hasqlite.engine.HaSqlite;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a client has seen, of each database.
 *
 * @param byDatabase by the name that all nodes know the database by
 */
record ClientTokens(Map<String, WriteToken> byDatabase) {

  static final ClientTokens NONE = new ClientTokens(Map.of());

  /** What is longer is not looked at. Servers take about twice as much for all headers together. */
  private static final int LENGTH_MAX = 4_000;

  private static final int DATABASES_MAX = 20;

  ClientTokens {
    byDatabase = Map.copyOf(byDatabase);
  }

  /** Reads what a client sent: anyone may have made it up, so what is not readable is nothing. */
  static ClientTokens parse(@Nullable String text) {
    if (text == null || text.isEmpty() || text.length() > LENGTH_MAX) {
      return NONE;
    }
    Map<String, WriteToken> found = new TreeMap<>();
    for (String pair : text.split("&", DATABASES_MAX + 1)) {
      int equals = pair.indexOf('=');
      if (equals < 1 || found.size() == DATABASES_MAX) {
        return NONE;
      }
      try {
        found.put(
            URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
            WriteToken.parse(pair.substring(equals + 1)));
      } catch (IllegalArgumentException e) {
        return NONE;
      }
    }
    return new ClientTokens(found);
  }

  /** Returns what a client has seen that has seen all of these databases. */
  static ClientTokens of(Collection<HaSqlite> databases) throws SQLException {
    Map<String, WriteToken> tokens = new TreeMap<>();
    for (HaSqlite database : databases) {
      WriteToken token = database.writeToken();
      if (!token.isEmpty()) {
        tokens.put(name(database), token);
      }
    }
    return new ClientTokens(tokens);
  }

  static String name(HaSqlite database) {
    return database.options().databaseName().value();
  }

  WriteToken of(HaSqlite database) {
    return byDatabase.getOrDefault(name(database), WriteToken.NONE);
  }

  /** Returns what is in either. */
  ClientTokens and(ClientTokens other) {
    Map<String, WriteToken> merged = new TreeMap<>(byDatabase);
    other.byDatabase.forEach((name, token) -> merged.merge(name, token, WriteToken::and));
    return new ClientTokens(merged);
  }

  boolean isEmpty() {
    return byDatabase.isEmpty();
  }

  /** Returns a text that is safe in a header and in a cookie. */
  @Override
  public String toString() {
    return new TreeMap<>(byDatabase)
        .entrySet().stream()
            .map(
                entry ->
                    URLEncoder.encode(entry.getKey(), StandardCharsets.UTF_8)
                        + "="
                        + entry.getValue())
            .collect(Collectors.joining("&"));
  }
}
