package io.hasqlite;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a client has seen of a database on one node, and must see on the next one: a place in the
 * stream, and transactions that have none yet. Its text is safe in a header and in a cookie.
 *
 * <p>A token is a hint of the client's, not a permission: whoever makes one up can make a read
 * wait, for as long as the reader's limit allows, and nothing more.
 *
 * @param stream which stream the sequence counts in; empty if that is not known yet
 * @param sequence the sequence up to which everything is to be seen
 * @param pending transactions that are to be seen, too
 */
public record WriteToken(String stream, long sequence, List<Pending> pending) {

  /**
   * A transaction without a place in the stream, and with it all earlier ones of its origin.
   *
   * @param origin who committed it
   * @param number its number
   */
  public record Pending(Origin origin, long number) {}

  /** Sees nothing: what a client has at first. */
  public static final WriteToken NONE = new WriteToken("", 0, List.of());

  /** A client that writes on so many asynchronous nodes at once loses the oldest ones. */
  private static final int PENDING_MAX = 4;

  private static final int LENGTH_MAX = 1_000;

  private static final Pattern PLACE = Pattern.compile("([0-9a-f]{0,8})\\.([0-9]{1,18})");
  private static final Pattern PENDING =
      Pattern.compile("([0-9a-f]{1,16})\\.([0-9]{1,18})\\.([A-Za-z0-9%+*_.-]{1,200})");

  /** Validates and copies. */
  public WriteToken {
    Objects.requireNonNull(stream, "stream");
    pending = List.copyOf(pending);
    if (sequence < 0) {
      throw new IllegalArgumentException("A sequence is not negative, but is " + sequence);
    }
  }

  /**
   * Names a stream in few characters; another one of the same name has another creation time.
   *
   * @param created the time, as text; empty if it is not known
   */
  public static String stream(String created) {
    return created.isEmpty() ? "" : Integer.toHexString(created.hashCode());
  }

  /**
   * Reads what {@link #toString} wrote.
   *
   * @throws IllegalArgumentException if it is none; the message does not repeat it
   */
  public static WriteToken parse(String text) {
    if (text.length() > LENGTH_MAX) {
      throw unreadable();
    }
    String[] parts = text.split("~", -1);
    Matcher place = PLACE.matcher(parts[0]);
    if (!place.matches() || parts.length > PENDING_MAX + 1) {
      throw unreadable();
    }
    List<Pending> pending = new ArrayList<>();
    for (int i = 1; i < parts.length; i++) {
      Matcher part = PENDING.matcher(parts[i]);
      if (!part.matches()) {
        throw unreadable();
      }
      pending.add(pending(part));
    }
    return new WriteToken(place.group(1), Long.parseLong(place.group(2)), pending);
  }

  private static Pending pending(Matcher part) {
    try {
      NodeId node = new NodeId(URLDecoder.decode(part.group(3), StandardCharsets.UTF_8));
      return new Pending(
          new Origin(node, Long.parseUnsignedLong(part.group(1), 16)),
          Long.parseLong(part.group(2)));
    } catch (IllegalArgumentException e) {
      throw unreadable();
    }
  }

  private static IllegalArgumentException unreadable() {
    return new IllegalArgumentException("The text is no token of this library's");
  }

  /**
   * Returns a token for what is in either. Of two streams the other one's counts: a stream that was
   * made again has lower sequences.
   */
  public WriteToken and(WriteToken other) {
    if (other.isEmpty()) {
      return this;
    }
    if (isEmpty() || !stream.isEmpty() && !other.stream.isEmpty() && !stream.equals(other.stream)) {
      return other;
    }
    Map<Origin, Pending> all = new LinkedHashMap<>();
    for (List<Pending> some : List.of(pending, other.pending)) {
      for (Pending one : some) {
        Pending known = all.remove(one.origin());
        all.put(one.origin(), known == null || known.number() < one.number() ? one : known);
      }
    }
    List<Pending> merged = new ArrayList<>(all.values());
    return new WriteToken(
        stream.isEmpty() ? other.stream : stream,
        Math.max(sequence, other.sequence),
        merged.subList(Math.max(0, merged.size() - PENDING_MAX), merged.size()));
  }

  /** Tells whether there is nothing to wait for. */
  public boolean isEmpty() {
    return sequence == 0 && pending.isEmpty();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(stream).append('.').append(sequence);
    for (Pending one : pending) {
      text.append('~')
          .append(Long.toHexString(one.origin().processId()))
          .append('.')
          .append(one.number())
          .append('.')
          .append(URLEncoder.encode(one.origin().node().value(), StandardCharsets.UTF_8));
    }
    return text.toString();
  }
}
