package io.hasqlite.apply;

import io.hasqlite.Origin;
import io.hasqlite.Waiting;
import io.hasqlite.sqlite.SqliteErrors;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which fence is open in the state that this node shows, and which thread of this process holds it.
 * It changes with the position, under the write lock: a transaction that has begun meets at its
 * commit what it met when it began. Safe for use by several threads.
 */
public final class Fences {

  private final Waiting waiting = new Waiting();
  private final ThreadLocal<@Nullable String> held = new ThreadLocal<>();
  private final Map<Origin, Long> dropped = new ConcurrentHashMap<>();
  private volatile @Nullable Fence open;
  private volatile Runnable listener = () -> {};

  Fences() {}

  /** Returns the fence that is open; null if none is. Never blocks. */
  public @Nullable Fence open() {
    return open;
  }

  /** Has something run whenever another fence is open, or none any more; it must not block. */
  public void onChange(Runnable told) {
    listener = told;
  }

  /** Tells which fence is open, after the commit and before the position moves. */
  void moveTo(@Nullable Fence now) {
    if (!Objects.equals(now, open)) {
      waiting.change(() -> open = now);
      listener.run();
    }
  }

  /** Wakes all who wait, because what they wait for may never come. */
  public void wakeUp() {
    waiting.wakeUp();
  }

  /**
   * Waits for a fence to be open, or for none.
   *
   * @param wanted asked whenever the fence has changed; gets null if none is open
   * @param stop asked whenever the wait is woken: true to give up
   * @return false if it did not come to that in time
   */
  public boolean await(Predicate<@Nullable Fence> wanted, Duration timeout, BooleanSupplier stop)
      throws InterruptedException {
    return waiting.await(() -> wanted.test(open), timeout, stop);
  }

  /** Tells that the calling thread commits under a fence from now on. */
  public void enter(String token) {
    held.set(token);
  }

  /** Tells that it does so no more. */
  public void leave() {
    held.remove();
  }

  /** Tells whether the calling thread commits under a fence, open or over. */
  public boolean isHeldHere() {
    return held.get() != null;
  }

  /**
   * Returns the fence that keeps the calling thread from committing; null if none does.
   *
   * @throws SQLException (40001) if the thread commits under a fence that is over
   */
  public @Nullable Fence inTheWay() throws SQLException {
    Fence now = open;
    String token = held.get();
    if (token == null) {
      return now;
    }
    if (now == null || !now.token().equals(token)) {
      throw over();
    }
    return null;
  }

  /**
   * Returns the fence under which the calling thread commits; null if none is open.
   *
   * @throws SQLException (40001) if another's is open, or the thread's own is over
   */
  public @Nullable Fence here() throws SQLException {
    Fence other = inTheWay();
    if (other != null) {
      throw held(other, Duration.ZERO);
    }
    return isHeldHere() ? open : null;
  }

  /** Returns what is told to whom a fence has held off for too long. */
  public static SQLException held(Fence fence, Duration waited) {
    return new SQLTransactionRollbackException(
        "Nothing was begun here: "
            + fence
            + " is open, and was not over within "
            + waited.toMillis()
            + " ms; try again",
        "40001",
        SqliteErrors.BUSY);
  }

  /** Returns what is told to the holder of a fence that is over. */
  public static SQLException over() {
    return new SQLTransactionRollbackException(
        "The fence that this transaction was to be committed under is over, since this node was"
            + " silent for longer than its expiry: nothing was committed. Run all of it again",
        "40001");
  }

  /** Remembers that a transaction was left out because its fence was over at its place. */
  void dropped(Origin origin, long number) {
    dropped.merge(origin, number, Math::max);
  }

  /** Tells whether the last transaction of an origin that was published is one of those. */
  public boolean hasDropped(Origin origin, long number) {
    return dropped.getOrDefault(origin, 0L) >= number;
  }
}
