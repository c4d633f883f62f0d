package io.hasqlite.faults;

/**
 * What a worker says of its engine.
 *
 * @param state the engine's state
 * @param position up to where it has counted the stream
 * @param lag how many messages it has not applied
 * @param backlog how many transactions wait to be published
 * @param deadThreads the engine's threads that ended although they should not have; "-" for none
 * @param problem what is wrong; "-" if nothing is
 */
record NodeStatus(
    String state, long position, long lag, long backlog, String deadThreads, String problem) {

  String text() {
    return state
        + " "
        + position
        + " "
        + lag
        + " "
        + backlog
        + " "
        + deadThreads
        + " "
        + problem.replace('\n', ' ');
  }

  static NodeStatus parse(String text) {
    String[] parts = text.split(" ", 6);
    return new NodeStatus(
        parts[0],
        Long.parseLong(parts[1]),
        Long.parseLong(parts[2]),
        Long.parseLong(parts[3]),
        parts[4],
        parts[5]);
  }

  boolean isHalted() {
    return state.equals("HALTED");
  }

  boolean isRetrying() {
    return state.equals("RETRYING");
  }

  boolean isLevel() {
    return state.equals("RUNNING") && lag == 0 && backlog == 0;
  }
}
