package io.hasqlite.changeset;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The last messages that this node made of its outbox, so that they need not be decoded when they
 * come back: most often nobody looks at their changes then. A message is known by all of its bytes,
 * so that nothing else can be taken for it, whoever sent that. Safe for use by several threads; a
 * changeset is handed from the one that adds it to the one that takes it.
 */
public final class SentMessages {

  /** More are on their way only where this node does not follow the stream. */
  private static final int MESSAGES_MAX = 64;

  /** Of the messages; what they were made of takes as much again. */
  private static final long BYTES_MAX = 8L * 1024 * 1024;

  private record Sent(byte[] message, ChangeSet changeSet) {}

  private final int messagesMax;

  // Guarded by this.
  private final Deque<Sent> sent = new ArrayDeque<>();
  private long bytes;

  /** Creates a memory of 64 messages or 8 MiB. */
  public SentMessages() {
    this(MESSAGES_MAX);
  }

  private SentMessages(int messagesMax) {
    this.messagesMax = messagesMax;
  }

  /** Returns one that remembers nothing. */
  public static SentMessages none() {
    return new SentMessages(0);
  }

  /**
   * Remembers a message if all of its changes are encoded already: others would not be what every
   * other node decodes. Forgets the oldest where there are too many.
   *
   * @param message the bytes of the changeset; must not be modified afterwards
   * @param changeSet whose changes the caller does not use any more
   */
  public synchronized void add(byte[] message, ChangeSet changeSet) {
    if (message.length > BYTES_MAX
        || !changeSet.transactions().stream().allMatch(Transaction::isEncoded)) {
      return;
    }
    sent.add(new Sent(message, changeSet));
    bytes += message.length;
    while (sent.size() > messagesMax || bytes > BYTES_MAX) {
      forgetOldest();
    }
  }

  /**
   * Returns the changeset of a message and forgets it, and those that were added before it: they
   * come in this order, unless they were sent again.
   *
   * @return what decoding the message gives; null where the message is not known
   */
  public synchronized @Nullable ChangeSet take(byte[] message) {
    int before = 0;
    for (Sent each : sent) {
      if (Arrays.equals(each.message(), message)) {
        for (int i = 0; i < before; i++) {
          forgetOldest();
        }
        return forgetOldest().changeSet();
      }
      before++;
    }
    return null;
  }

  private Sent forgetOldest() {
    Sent oldest = sent.remove();
    bytes -= oldest.message().length;
    return oldest;
  }
}
