package io.hasqlite.boot.autoconfigure;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.apply.AppliedChanges;
import io.hasqlite.apply.Conflict;
import io.hasqlite.apply.DeadLetter;
import io.hasqlite.engine.EngineListener;
import java.util.List;

/** Passes everything on to several listeners, in their order. */
final class CompositeEngineListener implements EngineListener {

  private final List<EngineListener> listeners;

  CompositeEngineListener(List<EngineListener> listeners) {
    this.listeners = List.copyOf(listeners);
  }

  @Override
  public EngineListener of(DatabaseName database, NodeId node) {
    return new CompositeEngineListener(
        listeners.stream().map(listener -> listener.of(database, node)).toList());
  }

  @Override
  public void visible(AppliedChanges changes) {
    listeners.forEach(listener -> listener.visible(changes));
  }

  @Override
  public void captured(long changes) {
    listeners.forEach(listener -> listener.captured(changes));
  }

  @Override
  public void snapshotStored(long bytes, long nanos) {
    listeners.forEach(listener -> listener.snapshotStored(bytes, nanos));
  }

  @Override
  public void restored(long sequence) {
    listeners.forEach(listener -> listener.restored(sequence));
  }

  @Override
  public void published(long bytes, long nanos) {
    listeners.forEach(listener -> listener.published(bytes, nanos));
  }

  @Override
  public void received(long messages, long bytes) {
    listeners.forEach(listener -> listener.received(messages, bytes));
  }

  @Override
  public void applied(long messages, long transactions, long rows, long nanos) {
    listeners.forEach(listener -> listener.applied(messages, transactions, rows, nanos));
  }

  @Override
  public void rebased(long transactions) {
    listeners.forEach(listener -> listener.rebased(transactions));
  }

  @Override
  public void conflict(Conflict conflict) {
    listeners.forEach(listener -> listener.conflict(conflict));
  }

  @Override
  public void deadLetter(DeadLetter letter) {
    listeners.forEach(listener -> listener.deadLetter(letter));
  }

  @Override
  public void moreConflicts(Conflict.Kind kind, long count) {
    listeners.forEach(listener -> listener.moreConflicts(kind, count));
  }

  @Override
  public void committed(long nanos, boolean inPlace) {
    listeners.forEach(listener -> listener.committed(nanos, inPlace));
  }

  @Override
  public void notAcknowledged() {
    listeners.forEach(EngineListener::notAcknowledged);
  }

  @Override
  public void inDoubt() {
    listeners.forEach(EngineListener::inDoubt);
  }
}
