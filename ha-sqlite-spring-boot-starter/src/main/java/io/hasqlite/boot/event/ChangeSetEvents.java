package io.hasqlite.boot.event;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.engine.EngineListener;
import java.util.ArrayList;
import java.util.List;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * Publishes {@link ChangeSetAppliedEvent}s of all databases of an application. What comes before
 * the application's listeners are there waits for them.
 */
public final class ChangeSetEvents implements EngineListener, SmartLifecycle {

  private final ApplicationEventPublisher publisher;
  private final List<DatabaseEvents> databases = new ArrayList<>();
  private boolean running;

  /** Publishes nothing until it is started. */
  public ChangeSetEvents(ApplicationEventPublisher publisher) {
    this.publisher = publisher;
  }

  @Override
  public synchronized EngineListener of(DatabaseName database, NodeId node) {
    DatabaseEvents events = new DatabaseEvents(database.value(), publisher::publishEvent);
    databases.add(events);
    if (running) {
      events.start();
    }
    return events;
  }

  @Override
  public synchronized void start() {
    running = true;
    databases.forEach(DatabaseEvents::start);
  }

  @Override
  public synchronized void stop() {
    running = false;
    databases.forEach(DatabaseEvents::stop);
  }

  @Override
  public synchronized boolean isRunning() {
    return running;
  }
}
