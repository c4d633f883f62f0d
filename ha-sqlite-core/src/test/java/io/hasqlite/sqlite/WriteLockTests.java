package io.hasqlite.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.sql.SQLTransactionRollbackException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WriteLockTests {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final WriteLock lock = new WriteLock();

  private static <T> T inOtherThread(java.util.concurrent.Callable<T> call) throws Exception {
    FutureTask<T> task = new FutureTask<>(call);
    new Thread(task).start();
    return task.get(20, TimeUnit.SECONDS);
  }

  @Test
  void threadsComeOneAtATimeAndInOrder() throws Exception {
    int threads = 48;
    int[] counter = {0};
    List<Thread> all = new ArrayList<>();
    CountDownLatch start = new CountDownLatch(1);
    List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < threads; i++) {
      Thread thread =
          new Thread(
              () -> {
                Object owner = new Object();
                try {
                  start.await();
                  for (int k = 0; k < 50; k++) {
                    lock.acquire(owner, LONG);
                    int seen = counter[0];
                    Thread.yield();
                    counter[0] = seen + 1;
                    lock.release(owner);
                  }
                } catch (Exception e) {
                  failures.add(e);
                }
              });
      all.add(thread);
      thread.start();
    }
    start.countDown();
    for (Thread thread : all) {
      thread.join();
    }
    assertThat(failures).isEmpty();
    assertThat(counter[0]).isEqualTo(threads * 50);
  }

  @Test
  void threadThatWouldWaitForItselfFailsAtOnce() throws SQLException {
    lock.acquire("outer", LONG);
    assertThatThrownBy(() -> lock.acquire("inner", LONG))
        .isInstanceOf(SQLNonTransientException.class)
        .hasMessageContaining("REQUIRES_NEW")
        .hasMessageContaining("generator");
    lock.release("outer");
    lock.acquire("inner", Duration.ZERO);
  }

  @Test
  void connectionThatWasHandedToAnotherThreadIsNoDeadlock() throws Exception {
    lock.acquire("outer", LONG);
    inOtherThread(
        () -> {
          lock.used("outer");
          return true;
        });
    assertThatThrownBy(() -> lock.acquire("inner", Duration.ofMillis(10)))
        .isInstanceOfSatisfying(
            SQLTransactionRollbackException.class,
            e -> assertThat(e.getSQLState()).isEqualTo("40001"));
  }

  @Test
  void ownerMayReleaseInAnotherThread() throws Exception {
    lock.acquire("a", LONG);
    inOtherThread(
        () -> {
          lock.release("b");
          lock.release("a");
          lock.release("a");
          return true;
        });
    lock.acquire("b", Duration.ZERO);
    lock.acquire("b", Duration.ZERO);
    lock.release("b");
    lock.acquire("c", Duration.ZERO);
  }

  @Test
  void waitEndsWithAnInterrupt() throws Exception {
    lock.acquire("a", LONG);
    FutureTask<Boolean> waiter =
        new FutureTask<>(
            () -> {
              try {
                lock.acquire("b", LONG);
                return false;
              } catch (SQLException e) {
                return e.getSQLState().equals("57014") && Thread.currentThread().isInterrupted();
              }
            });
    Thread thread = new Thread(waiter);
    thread.start();
    thread.interrupt();
    assertThat(waiter.get(20, TimeUnit.SECONDS)).isTrue();
    lock.release("a");
    lock.acquire("c", Duration.ZERO);
  }
}
