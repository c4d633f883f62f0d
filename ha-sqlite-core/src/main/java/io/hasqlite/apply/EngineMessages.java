package io.hasqlite.apply;

import io.hasqlite.changeset.ChangeSet;

/** Hears messages of the stream that change nothing: what the engines say to each other. */
public interface EngineMessages {

  /** Hears nothing. */
  EngineMessages NONE =
      new EngineMessages() {
        @Override
        public boolean isOne(ChangeSet changeSet) {
          return false;
        }

        @Override
        public void reached(long sequence, ChangeSet changeSet) {}
      };

  /** Tells whether a message is one; it is then the last of its batch. */
  boolean isOne(ChangeSet changeSet);

  /**
   * Called when a message was counted: after the commit, before anything else can be written here.
   * All writers wait for it. It must not throw: the message is counted.
   */
  void reached(long sequence, ChangeSet changeSet);
}
