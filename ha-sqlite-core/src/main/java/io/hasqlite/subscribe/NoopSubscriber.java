package io.hasqlite.subscribe;

import io.hasqlite.NodeId;
import io.hasqlite.stream.ConsumerPosition;
import java.util.Optional;

/** Does not follow the stream: the node sees only what is written on it. */
public final class NoopSubscriber implements CdcSubscriber {

  @Override
  public void start() {}

  @Override
  public long latestSeq() {
    return 0;
  }

  @Override
  public Optional<ConsumerPosition> deliveredInfo() {
    return Optional.empty();
  }

  @Override
  public void removeConsumer(NodeId node) {}

  @Override
  public void pause() {
    throw new UnsupportedOperationException("This node does not subscribe: nothing can be paused");
  }

  @Override
  public void resume() {
    throw new UnsupportedOperationException("This node does not subscribe: nothing can be paused");
  }

  @Override
  public SubscriberStatus status() {
    return SubscriberStatus.OFF;
  }

  @Override
  public void close() {}
}
