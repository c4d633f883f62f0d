package io.hasqlite.engine;

/** With what a node begins where its file and the cluster do not fit together. */
public enum BootstrapPolicy {
  /**
   * An empty file takes the cluster's state; a file with data becomes the database of all nodes if
   * the cluster has none. Wherever data could be lost, the start is refused.
   */
  AUTO,
  /**
   * The cluster's state counts. A file that does not fit is kept under another name. There must be
   * a file and there must be data in the cluster: nothing is created.
   */
  CLUSTER,
  /**
   * The file counts, where it does not fit: it becomes the database of all nodes, which give up
   * what they have. Meant for one start of one node.
   */
  LOCAL
}
