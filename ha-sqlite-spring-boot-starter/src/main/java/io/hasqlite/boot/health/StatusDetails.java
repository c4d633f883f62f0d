package io.hasqlite.boot.health;

import io.hasqlite.engine.ReplicationStatus;
import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.subscribe.PastProblem;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The state of a database in words and numbers, as health and the endpoint show it. */
public final class StatusDetails {

  private static final double MILLIS_PER_SECOND = 1000;

  private StatusDetails() {}

  /** Returns the details in the order in which they are to be read. */
  public static Map<String, Object> of(ReplicationStatus now, Clock clock) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("node", now.node().value());
    details.put("database", now.database().value());
    details.put("state", now.state().name().toLowerCase(Locale.ROOT));
    if (!now.stream().isEmpty()) {
      replication(now, clock, details);
    }
    String problem = now.problem();
    if (problem != null) {
      details.put("problem", problem);
    }
    PastProblem last = now.lastProblem();
    if (last != null) {
      details.put("lastProblem", Map.of("at", last.at().toString(), "problem", last.text()));
    }
    if (!now.notices().isEmpty()) {
      details.put("notices", now.notices());
    }
    return details;
  }

  private static void replication(ReplicationStatus now, Clock clock, Map<String, Object> details) {
    details.put("connected", now.connected());
    if (!now.server().isEmpty()) {
      details.put("server", now.server());
    }
    details.put("stream", now.stream());
    details.put("position", now.position());
    details.put("streamLastSequence", now.streamLastSequence());
    details.put("lagMessages", now.lagMessages());
    details.put("lagSeconds", seconds(now.lag()));
    details.put("pendingTransactions", now.backlog().transactions());
    details.put("pendingSeconds", seconds(now.backlog().age(clock.instant())));
    StoredSnapshot snapshot = now.snapshot();
    if (snapshot != null) {
      details.put(
          "snapshot",
          Map.of(
              "sequence",
              snapshot.sequence(),
              "bytes",
              snapshot.bytes(),
              "storedAt",
              snapshot.storedAt().toString()));
    }
    if (now.deadLetters() > 0) {
      details.put("deadLetters", now.deadLetters());
    }
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / MILLIS_PER_SECOND;
  }
}
