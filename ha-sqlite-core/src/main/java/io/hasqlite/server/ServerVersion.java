package io.hasqlite.server;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version of a nats-server. */
record ServerVersion(int major, int minor, int patch) implements Comparable<ServerVersion> {

  /** The oldest one that has all of JetStream that the engine uses. */
  static final ServerVersion OLDEST = new ServerVersion(2, 9, 0);

  private static final ServerVersion SYNC_INTERVAL = new ServerVersion(2, 10, 0);

  private static final Pattern PRINTED =
      Pattern.compile("nats-server:?\\s+v?(\\d+)\\.(\\d+)\\.(\\d+)");

  /** Reads what {@code nats-server -v} prints. */
  static Optional<ServerVersion> find(String printed) {
    Matcher matcher = PRINTED.matcher(printed);
    return matcher.find()
        ? Optional.of(
            new ServerVersion(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3))))
        : Optional.empty();
  }

  boolean isSupported() {
    return compareTo(OLDEST) >= 0;
  }

  boolean knowsSyncInterval() {
    return compareTo(SYNC_INTERVAL) >= 0;
  }

  @Override
  public int compareTo(ServerVersion other) {
    return Comparator.comparingInt(ServerVersion::major)
        .thenComparingInt(ServerVersion::minor)
        .thenComparingInt(ServerVersion::patch)
        .compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
