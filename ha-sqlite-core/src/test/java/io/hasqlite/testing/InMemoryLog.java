package io.hasqlite.testing;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.stream.ConsumerPosition;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamMessage;
import io.hasqlite.stream.StreamState;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The server side of {@link InMemoryChangeStream}: one stream that many databases share. */
public final class InMemoryLog {

  private final Clock clock;
  private final TreeMap<Long, Stored> messages = new TreeMap<>();
  private final Map<String, Long> messageIds = new HashMap<>();
  private final Map<String, Durable> durables = new HashMap<>();
  private final Map<String, Origin> present = new HashMap<>();
  private Instant created;
  private long lastSequence;

  record Stored(String subject, Instant time, byte[] body) {}

  /** A node's consumer as the server knows it; guarded by the log. */
  static final class Durable {
    final DatabaseName database;
    final Origin owner;
    long delivered;
    long acknowledged;

    Durable(DatabaseName database, Origin owner, long before) {
      this.database = database;
      this.owner = owner;
      this.delivered = before;
      this.acknowledged = before;
    }
  }

  /** Makes an empty log. */
  public InMemoryLog() {
    this(Clock.systemUTC());
  }

  /** Makes an empty log with a clock. */
  public InMemoryLog(Clock clock) {
    this.clock = clock;
    this.created = clock.instant();
  }

  /** Returns the stream as one engine sees it. */
  public InMemoryChangeStream stream(String database, String node, long processId) {
    return new InMemoryChangeStream(
        this, new DatabaseName(database), new Origin(new NodeId(node), processId));
  }

  /** Drops the messages before a sequence, as if they had expired. */
  public synchronized void expireBefore(long sequence) {
    messages.headMap(sequence, false).clear();
  }

  /** Drops the messages after a sequence, as a server that lost its tail in a power failure. */
  public synchronized void loseAfter(long sequence) {
    messages.tailMap(sequence, false).clear();
    messageIds.values().removeIf(stored -> stored > sequence);
    lastSequence = Math.min(lastSequence, sequence);
  }

  /** Deletes the stream and makes it anew. */
  public synchronized void recreate() {
    messages.clear();
    messageIds.clear();
    durables.clear();
    lastSequence = 0;
    Instant now = clock.instant();
    created = now.isAfter(created) ? now : created.plusNanos(1);
    notifyAll();
  }

  /** Forgets the message ids, as after the stream's duplicate window. */
  public synchronized void forgetMessageIds() {
    messageIds.clear();
  }

  synchronized StreamState state() {
    long first = messages.isEmpty() ? lastSequence + 1 : messages.firstKey();
    return new StreamState(created, first, lastSequence);
  }

  /** Returns the sequence, negative if the message is a repeated one; null if refused. */
  synchronized Long append(String subject, byte[] body, String messageId, long expectedLast) {
    Long stored = messageIds.get(messageId);
    if (stored != null) {
      return -stored;
    }
    if (expectedLast >= 0 && last(subject) != expectedLast) {
      return null;
    }
    long sequence = ++lastSequence;
    messages.put(sequence, new Stored(subject, clock.instant(), body.clone()));
    messageIds.put(messageId, sequence);
    notifyAll();
    return sequence;
  }

  synchronized long last(String subject) {
    for (Map.Entry<Long, Stored> entry : messages.descendingMap().entrySet()) {
      if (entry.getValue().subject().equals(subject)) {
        return entry.getKey();
      }
    }
    return 0;
  }

  synchronized StreamMessage at(String subject, long sequence) {
    Stored stored = messages.get(sequence);
    return stored == null || !stored.subject().equals(subject)
        ? null
        : new StreamMessage(sequence, stored.time(), -1, stored.body());
  }

  synchronized StreamMessage after(String subject, long sequence) {
    for (Map.Entry<Long, Stored> entry : messages.tailMap(sequence, false).entrySet()) {
      if (entry.getValue().subject().equals(subject)) {
        return at(subject, entry.getKey());
      }
    }
    return null;
  }

  synchronized long firstAt(String subject, Instant time) {
    for (Map.Entry<Long, Stored> entry : messages.entrySet()) {
      if (!entry.getValue().time().isBefore(time)) {
        return entry.getKey();
      }
    }
    return lastSequence + 1;
  }

  synchronized long pending(String subject, long after) {
    return messages.tailMap(after, false).values().stream()
        .filter(stored -> stored.subject().equals(subject))
        .count();
  }

  synchronized void claim(String name, Origin origin) {
    Origin other = present.putIfAbsent(name, origin);
    if (other != null && other.processId() != origin.processId()) {
      throw new StreamException(
          "Another live process uses node name " + origin.node(), false, null);
    }
  }

  synchronized boolean isClaimed(String name) {
    return present.containsKey(name);
  }

  synchronized boolean isClaimedBy(String name, Origin origin) {
    return origin.equals(present.get(name));
  }

  synchronized void unclaim(String name, Origin origin) {
    present.remove(name, origin);
  }

  synchronized Durable durable(String name) {
    return durables.get(name);
  }

  synchronized Map<String, Durable> durables() {
    return new TreeMap<>(durables);
  }

  synchronized Durable makeDurable(String name, DatabaseName database, Origin owner, long first) {
    Durable durable = new Durable(database, owner, first - 1);
    durables.put(name, durable);
    notifyAll();
    return durable;
  }

  synchronized void removeDurable(String name) {
    durables.remove(name);
    notifyAll();
  }

  synchronized ConsumerPosition position(String subject, Durable durable) {
    return new ConsumerPosition(
        durable.owner.node().value(),
        Long.toHexString(durable.owner.processId()),
        durable.delivered,
        durable.acknowledged,
        pending(subject, durable.delivered),
        messages.subMap(durable.acknowledged, false, durable.delivered, true).values().stream()
            .filter(stored -> stored.subject().equals(subject))
            .count());
  }

  synchronized List<String> otherDatabases(String token, DatabaseName database) {
    return durables.values().stream()
        .filter(durable -> durable.database.token().equals(token))
        .filter(durable -> !durable.database.equals(database))
        .map(durable -> durable.database.value())
        .toList();
  }
}
