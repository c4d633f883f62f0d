package io.hasqlite.publish;

import io.hasqlite.changeset.ChangeSet;

/** Publishes nothing: what this node writes stays on it. */
public final class NoopPublisher implements CdcPublisher {

  @Override
  public void publish(ChangeSet changeSet) {}
}
