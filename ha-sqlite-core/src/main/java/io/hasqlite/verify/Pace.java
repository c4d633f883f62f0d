package io.hasqlite.verify;

/** Slows down whoever reads much in the background. */
interface Pace {

  /** Called between rows. */
  void tick() throws InterruptedException;
}
