package io.hasqlite.benchmarks;

/**
 * How long a run measures.
 *
 * @param rounds how often each side is measured
 * @param warmups iterations before each measurement of JMH; half as many for plain SQLite, whose
 *     code is soon compiled
 * @param longWarmups how many iterations the warm-up is long where several threads share the work:
 *     the compiler shares their processors, and has to do with much code that runs less than a
 *     thousand times a second. On two cores it is done after a quarter of a minute
 * @param iterations iterations of each measurement of JMH
 * @param millis how long an iteration is
 * @param turns how often sides take turns of half an iteration, where all are open at once
 * @param divisor what amounts of data are divided by
 */
record Effort(
    int rounds, int warmups, int longWarmups, int iterations, int millis, int turns, int divisor) {

  static final Effort FULL = new Effort(3, 5, 15, 3, 1_000, 48, 1);
  static final Effort SHORT = new Effort(1, 4, 4, 1, 500, 4, 20);

  /** How often sides warm up that do so in turn. */
  static final int WARMUP_TURNS = 2;

  /** Returns how long to run what several threads share before it is measured, in milliseconds. */
  long warmupMillis() {
    return (long) longWarmups * millis;
  }

  /** Returns the same for each turn where sides warm up in turn. */
  long warmupTurnMillis() {
    return warmupMillis() * 2 / 3;
  }

  /** Returns how long a turn is, in milliseconds. */
  long turnMillis() {
    return millis / 2;
  }

  long rows(long full) {
    return Math.max(1_000, full / divisor);
  }
}
