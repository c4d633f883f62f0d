package io.hasqlite.sample;

import io.hasqlite.engine.HaSqlite;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Sends the pages what changed. Each event is a whole state, so that one that a page misses does no
 * harm. Nothing is read while nobody listens.
 *
 * <p>It stops before the web server does, which otherwise would wait for the open connections.
 */
@RestController
class LiveFeed implements SmartLifecycle {

  static final int CLIENTS_MAX = 50;

  /** A page connects again by itself. */
  private static final Duration CONNECTION_MAX = Duration.ofMinutes(10);

  private final HaSqlite database;
  private final Cluster cluster;
  private final ShopRows rows;
  private final Executor executor;
  private final History history = new History();
  private final List<LiveClient> clients = new CopyOnWriteArrayList<>();
  private final AtomicInteger places = new AtomicInteger(CLIENTS_MAX);
  private volatile boolean running;
  private volatile boolean rowsWanted;
  private long rowsPosition;

  LiveFeed(
      HaSqlite database,
      Cluster cluster,
      ShopRows rows,
      @Qualifier("applicationTaskExecutor") Executor executor) {
    this.database = database;
    this.cluster = cluster;
    this.rows = rows;
    this.executor = executor;
  }

  record Nodes(String self, List<Member> members, History.Lines history) {}

  @GetMapping(path = "/api/live", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  SseEmitter listen() {
    if (!running || places.getAndUpdate(free -> Math.max(0, free - 1)) == 0) {
      throw new ResponseStatusException(
          HttpStatus.SERVICE_UNAVAILABLE, "Too many pages are open, or this node stops");
    }
    SseEmitter emitter = new SseEmitter(CONNECTION_MAX.toMillis());
    LiveClient client = new LiveClient(emitter, executor);
    emitter.onTimeout(client::close);
    emitter.onCompletion(
        () -> {
          clients.remove(client);
          places.incrementAndGet();
        });
    clients.add(client);
    if (!running) { // it stopped meanwhile
      client.close();
    }
    rowsWanted = true;
    return emitter;
  }

  @Scheduled(fixedDelay = 1000)
  void sendNodes() {
    if (!clients.isEmpty()) {
      List<Member> members = cluster.members();
      history.add(Clock.systemUTC().millis(), members);
      Nodes nodes = new Nodes(cluster.self().node(), members, history.lines());
      clients.forEach(client -> client.offer("nodes", nodes));
    }
  }

  @Scheduled(fixedDelay = 250)
  void sendRows() {
    long position = database.status().position();
    if (clients.isEmpty() || (position == rowsPosition && !rowsWanted)) {
      return;
    }
    rowsWanted = false;
    ShopRows.View view = rows.read();
    rowsPosition = position;
    clients.forEach(client -> client.offer("rows", view));
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    clients.forEach(LiveClient::close);
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
