package io.hasqlite.engine;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.outbox.Backlog;
import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.subscribe.PastProblem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an engine is doing at one moment.
 *
 * @param node this node
 * @param database the database
 * @param path its file
 * @param state the state
 * @param connected whether the server can be reached
 * @param server the address of the server that it is connected to; empty while it is not
 * @param reconnects how often the connection was lost and made again
 * @param stream the stream's name; empty without replication
 * @param position the sequence up to which the stream is counted here
 * @param streamLastSequence the stream's last sequence as last heard
 * @param lagMessages how many messages of this database are not applied here, as last heard
 * @param lag how long ago this node surely was level with the stream; zero while it is
 * @param backlog what was committed here and is pending: not counted at its place in the stream yet
 * @param snapshot the latest snapshot as last heard, now and then; null if none was heard of
 * @param deadLetters how many messages are left out and wait for a person
 * @param lastProblem what last kept this node from following, also when that is over; null for
 *     nothing
 * @param problem what is wrong, and what to do; null if nothing is
 * @param notices what should be known although nothing is wrong
 */
public record ReplicationStatus(
    NodeId node,
    DatabaseName database,
    Path path,
    State state,
    boolean connected,
    String server,
    long reconnects,
    String stream,
    long position,
    long streamLastSequence,
    long lagMessages,
    Duration lag,
    Backlog backlog,
    @Nullable StoredSnapshot snapshot,
    long deadLetters,
    @Nullable PastProblem lastProblem,
    @Nullable String problem,
    List<String> notices) {

  ReplicationStatus with(State newState, List<String> newNotices) {
    return new ReplicationStatus(
        node,
        database,
        path,
        newState,
        connected,
        server,
        reconnects,
        stream,
        position,
        streamLastSequence,
        lagMessages,
        lag,
        backlog,
        snapshot,
        deadLetters,
        lastProblem,
        problem,
        newNotices);
  }

  /** The states of an engine. */
  public enum State {
    /** There is no server: a database of one node. */
    STANDALONE,
    /** This node does not subscribe: it does not see what others write. */
    PARTIAL,
    /** It waits for the gate that the application opens; until then nothing can be committed. */
    WAITING,
    /** It was not yet level with the stream as that was at its start. */
    CATCHING_UP,
    /** It follows the stream. */
    RUNNING,
    /** The stream is away; reads go on, and it tries again. */
    DISCONNECTED,
    /** It stands still until someone lets it go on: reads go on, synchronous commits fail. */
    PAUSED,
    /** It follows the stream, but its rows are not those of the other nodes; a human must act. */
    DIFFERENT,
    /** What came cannot be written here at the moment, as when the disk is full; it tries again. */
    RETRYING,
    /** It stopped following; a human must act. */
    HALTED,
    /** It was closed. */
    CLOSED
  }
}
