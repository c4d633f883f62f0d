package io.hasqlite.faults;

/**
 * What became of a request to a worker.
 *
 * @param outcome what is known of its effect
 * @param state the SQLState, of a warning too; "-" for none
 * @param text what the worker said
 */
record Answer(Outcome outcome, String state, String text) {

  /** What the client knows of a transaction. */
  enum Outcome {
    /** It is committed. */
    OK,
    /** It did not happen. */
    REFUSED,
    /** It happened or not: the worker said so, or ended without an answer. */
    IN_DOUBT
  }

  private static final String NOT_YET_HERE = "01000";

  static final Answer NONE = new Answer(Outcome.IN_DOUBT, "-", "the process ended");

  static Answer parse(String text) {
    String[] parts = text.split(" ", 3);
    return new Answer(Outcome.valueOf(parts[0]), parts[1], parts[2]);
  }

  boolean isOk() {
    return outcome == Outcome.OK;
  }

  /** Whether it is committed here; if not, the stream has it, and it comes from there. */
  boolean isOkHere() {
    return isOk() && !state.equals(NOT_YET_HERE);
  }
}
