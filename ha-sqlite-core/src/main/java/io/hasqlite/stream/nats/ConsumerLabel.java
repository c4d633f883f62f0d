package io.hasqlite.stream.nats;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whose a durable consumer is, kept in its description: its name is cut to 32 characters and cannot
 * tell. (Metadata would be the place, but servers before 2.10 drop it.)
 */
record ConsumerLabel(String database, String node, String process) {

  private static final Pattern FORM =
      Pattern.compile("HA SQLite database=(\\S+) node=(\\S+) process=([0-9a-f]{1,16})");

  static ConsumerLabel of(String database, String node, long processId) {
    return new ConsumerLabel(database, node, Long.toHexString(processId));
  }

  static Optional<ConsumerLabel> parse(@Nullable String description) {
    if (description == null) {
      return Optional.empty();
    }
    Matcher matcher = FORM.matcher(description);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new ConsumerLabel(decode(matcher.group(1)), decode(matcher.group(2)), matcher.group(3)));
    } catch (IllegalArgumentException notOurs) {
      return Optional.empty();
    }
  }

  String text() {
    return "HA SQLite database="
        + encode(database)
        + " node="
        + encode(node)
        + " process="
        + process;
  }

  private static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private static String decode(String value) {
    return URLDecoder.decode(value, StandardCharsets.UTF_8);
  }
}
