package io.hasqlite.faults;

/** What happens to nodes, servers and the network between them. */
enum Fault {
  NODE_KILLED("node killed at a random moment"),
  NODE_KILLED_AFTER_PUBLISH("node killed between publish and COMMIT"),
  NODE_KILLED_BEFORE_RELAY("node killed between outbox and acknowledgement"),
  NODE_KILLED_WHILE_APPLYING("node killed while applying"),
  NODE_KILLED_WHILE_SNAPSHOTTING("node killed while taking a snapshot"),
  NODE_KILLED_WHILE_RESTORING("node without a file killed while restoring"),
  NODE_FROZEN("node frozen"),
  NETWORK_CUT("network cut"),
  NETWORK_CUT_ONE_WAY("network cut one way"),
  NETWORK_SLOW("network slow"),
  CONNECTION_RESET("connection reset in the middle of a publish"),
  ACKNOWLEDGEMENT_LOST("acknowledgement lost"),
  DISK_FULL("disk full"),
  FILE_NOT_WRITABLE("file not writable"),
  CLOCK_JUMP("clock jumps by hours"),
  SERVER_KILLED("server killed, disk kept"),
  SERVER_WIPED("server of three killed, disk wiped"),
  /** With it the stream is gone. Nodes do not heal by themselves: a human decides. */
  STREAM_LOST("only server killed, disk wiped");

  private final String text;

  Fault(String text) {
    this.text = text;
  }

  boolean isOfServer() {
    return switch (this) {
      case SERVER_KILLED, SERVER_WIPED, STREAM_LOST -> true;
      default -> false;
    };
  }

  /**
   * Whether it can happen to a node. An asynchronous node that loses its file loses what it had not
   * sent.
   */
  boolean isOf(Node node) {
    return switch (this) {
      case SERVER_KILLED, SERVER_WIPED, STREAM_LOST -> false;
      case NODE_KILLED_AFTER_PUBLISH, NODE_KILLED_WHILE_RESTORING -> !node.isAsync();
      case NODE_KILLED_BEFORE_RELAY -> node.isAsync();
      default -> true;
    };
  }

  @Override
  public String toString() {
    return text;
  }
}
