package io.hasqlite.boot.autoconfigure;

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
