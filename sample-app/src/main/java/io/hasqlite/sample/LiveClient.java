package io.hasqlite.sample;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * One page that listens. A page that reads slowly misses what was outdated meanwhile: of each event
 * only the latest waits for it.
 */
final class LiveClient {

  private static final Logger log = LoggerFactory.getLogger(LiveClient.class);

  private final SseEmitter emitter;
  private final Executor executor;
  private final Map<String, Object> waiting = new LinkedHashMap<>();
  private boolean sending;
  private boolean closed;

  LiveClient(SseEmitter emitter, Executor executor) {
    this.emitter = emitter;
    this.executor = executor;
  }

  /** Sends an event as soon as the page takes it. Never blocks. */
  synchronized void offer(String event, Object data) {
    waiting.remove(event);
    waiting.put(event, data);
    if (!sending && !closed) {
      sending = true;
      executor.execute(this::send);
    }
  }

  /** Ends the connection, after the event that is being sent. Never blocks. */
  synchronized void close() {
    closed = true;
    if (!sending) {
      emitter.complete();
    }
  }

  private void send() {
    Map.@Nullable Entry<String, Object> next;
    while ((next = next()) != null) {
      try {
        emitter.send(SseEmitter.event().name(next.getKey()).data(next.getValue()));
      } catch (IOException | IllegalStateException e) {
        log.debug("A page went away", e); // the emitter's own callback forgets it
      }
    }
  }

  private synchronized Map.@Nullable Entry<String, Object> next() {
    var events = waiting.entrySet().iterator();
    if (closed || !events.hasNext()) {
      sending = false;
      if (closed) {
        emitter.complete();
      }
      return null;
    }
    Map.Entry<String, Object> next =
        Map.entry(events.next().getKey(), waiting.values().iterator().next());
    waiting.remove(next.getKey());
    return next;
  }
}
