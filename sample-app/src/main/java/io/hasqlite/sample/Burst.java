package io.hasqlite.sample;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedRuntimeException;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ResponseStatusException;

/**
 * Many small writes in a row: sells single pieces, fills up what is sold out, and changes the price
 * of one and the same track. Two nodes that do so at the same moment overwrite each other's price.
 */
@Component
class Burst {

  private static final Logger log = LoggerFactory.getLogger(Burst.class);

  static final int WRITES = 400;
  private static final Duration PERIOD = Duration.ofMillis(25);

  private final OrderService orders;
  private final JdbcClient jdbc;
  private final TaskScheduler scheduler;
  private int writesLeft;
  private @Nullable String problem;
  private @Nullable ScheduledFuture<?> running;

  Burst(OrderService orders, JdbcClient jdbc, TaskScheduler scheduler) {
    this.orders = orders;
    this.jdbc = jdbc;
    this.scheduler = scheduler;
  }

  /** Writes once, and goes on by itself; one that runs gets its writes anew. */
  void start() {
    write();
    synchronized (this) {
      problem = null;
      writesLeft = WRITES - 1;
      if (running == null) {
        running = scheduler.scheduleWithFixedDelay(this::step, PERIOD);
      }
    }
  }

  /** Ends it, after the write that is under way; no effect if none runs. */
  void stop() {
    end(true, null);
  }

  synchronized int writesLeft() {
    return writesLeft;
  }

  /** Says why the last burst ended early; null if it did not. */
  synchronized @Nullable String problem() {
    return problem;
  }

  private void step() {
    try {
      write();
      end(false, null);
    } catch (NestedRuntimeException e) {
      log.warn("A burst of writes ended early", e);
      end(true, "The burst ended: " + Problems.messageOf(e));
    }
  }

  private synchronized void end(boolean early, @Nullable String why) {
    writesLeft = early ? 0 : Math.max(0, writesLeft - 1);
    problem = why;
    if (writesLeft <= 0 && running != null) {
      running.cancel(false);
      running = null;
    }
  }

  private void write() {
    jdbc.sql(
            "UPDATE track SET price_cents = 50 + abs(random() % 100) WHERE id = (SELECT max(id) FROM track)")
        .update();
    Track track =
        jdbc.sql("SELECT id, stock FROM track ORDER BY random() LIMIT 1")
            .query(Track.class)
            .single();
    if (track.stock() == 0) {
      jdbc.sql("UPDATE track SET stock = 100 WHERE id = ?").param(track.id()).update();
      return;
    }
    try {
      orders.place("customer-1", List.of(new OrderService.Item(track.id(), 1)));
    } catch (ResponseStatusException e) {
      if (!e.getStatusCode().equals(HttpStatus.CONFLICT)) { // another one had the last piece
        throw e;
      }
    }
  }

  private record Track(String id, long stock) {}
}
