package io.hasqlite;

/** What the engine's own threads have in common. */
public final class Threads {

  private Threads() {}

  /**
   * Waits until a thread has ended that was told to, however often the caller is interrupted; its
   * interrupt flag is set afterwards. Returns at once if it is the calling thread.
   */
  public static void awaitEnd(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive() && Thread.currentThread() != thread) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
