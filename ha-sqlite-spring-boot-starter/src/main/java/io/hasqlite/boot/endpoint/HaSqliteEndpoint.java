package io.hasqlite.boot.endpoint;

import io.hasqlite.HaSqliteException;
import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.apply.DeadLetter;
import io.hasqlite.boot.health.StatusDetails;
import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.Peer;
import io.hasqlite.snapshot.SnapshotException;
import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.stream.StreamException;
import java.time.Clock;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * {@link Endpoint} that shows the replicated databases and, where writing is allowed ({@code
 * management.endpoint.hasqlite.access=unrestricted}), acts on this node. A database is named as all
 * nodes know it. What is refused is answered with the reason: 404 for what is not there, 409 for
 * what is not possible, 503 for what needs the stream while that is away.
 */
@Endpoint(id = "hasqlite", defaultAccess = Access.READ_ONLY)
public final class HaSqliteEndpoint {

  private static final String PEERS = "peers";
  private static final String DEAD_LETTERS = "dead-letters";
  private static final int CONFLICT = 409;

  private final Map<String, HaSqlite> databases = new TreeMap<>();
  private final Clock clock = Clock.systemUTC();

  /** Creates the endpoint of all databases of an application. */
  public HaSqliteEndpoint(Collection<HaSqlite> databases) {
    for (HaSqlite database : databases) {
      this.databases.put(database.options().databaseName().value(), database);
    }
  }

  /** Returns the state of every database by its name. Asks no server. */
  @ReadOperation
  public Map<String, Map<String, Object>> databases() {
    Map<String, Map<String, Object>> states = new TreeMap<>();
    databases.forEach((name, database) -> states.put(name, state(database)));
    return states;
  }

  private Map<String, Object> state(HaSqlite database) {
    return StatusDetails.of(database.status(), clock);
  }

  /** Returns the state of a database, its nodes, and what was left out. */
  @ReadOperation
  public WebEndpointResponse<Map<String, Object>> database(@Selector String database) {
    return with(
        database,
        found -> {
          Map<String, Object> state = state(found);
          try {
            state.put(PEERS, peers(found));
          } catch (StreamException e) {
            state.put("peersProblem", String.valueOf(e.getMessage()));
          }
          state.put("deadLetters", deadLetters(found));
          return new WebEndpointResponse<>(state);
        });
  }

  /** Returns the {@code peers} or the {@code dead-letters} of a database. */
  @ReadOperation
  public WebEndpointResponse<Map<String, Object>> part(
      @Selector String database, @Selector String part) {
    return with(
        database,
        found ->
            switch (part) {
              case PEERS -> new WebEndpointResponse<>(Map.of(PEERS, peers(found)));
              case DEAD_LETTERS ->
                  new WebEndpointResponse<>(Map.of("deadLetters", deadLetters(found)));
              default -> nothing("\"" + part + "\" is neither peers nor dead-letters");
            });
  }

  /** Does something: {@code pause}, {@code resume} or {@code snapshot}. */
  @WriteOperation
  public WebEndpointResponse<Map<String, Object>> act(
      @Selector String database, @Selector String action) {
    return with(
        database,
        found ->
            switch (action) {
              case "pause" -> done(found, found::pause);
              case "resume" -> done(found, found::resume);
              case "snapshot" ->
                  new WebEndpointResponse<>(
                      Map.of(
                          "snapshotSequence",
                          found.snapshotter().take().map(StoredSnapshot::sequence).orElse(0L)));
              default -> nothing("\"" + action + "\" is none of pause, resume and snapshot");
            });
  }

  /** Applies a dead letter as a new transaction of this node: {@code dead-letters/<sequence>}. */
  @WriteOperation
  public WebEndpointResponse<Map<String, Object>> retry(
      @Selector String database, @Selector String part, @Selector String id) {
    return with(
        database,
        found ->
            part.equals(DEAD_LETTERS)
                ? letter(found, id, found::applyDeadLetter)
                : nothing("Only dead-letters can be applied again"));
  }

  /**
   * Drops a dead letter ({@code dead-letters/<sequence>}), or removes the consumer of a node that
   * is gone ({@code peers/<node>}).
   */
  @DeleteOperation
  public WebEndpointResponse<Map<String, Object>> drop(
      @Selector String database, @Selector String part, @Selector String id) {
    return with(
        database,
        found ->
            switch (part) {
              case DEAD_LETTERS -> letter(found, id, found::dropDeadLetter);
              case PEERS ->
                  found.removePeer(new NodeId(id))
                      ? new WebEndpointResponse<>(Map.of("removed", id))
                      : nothing("The server knows no node \"" + id + "\" of this database");
              default -> nothing("\"" + part + "\" is neither peers nor dead-letters");
            });
  }

  private interface LetterAction {
    void on(long sequence);
  }

  private WebEndpointResponse<Map<String, Object>> letter(
      HaSqlite database, String id, LetterAction action) {
    long sequence;
    try {
      sequence = Long.parseLong(id);
    } catch (NumberFormatException e) {
      return nothing("\"" + id + "\" is no sequence of a dead letter");
    }
    return done(database, () -> action.on(sequence));
  }

  private WebEndpointResponse<Map<String, Object>> done(HaSqlite database, Runnable action) {
    action.run();
    return new WebEndpointResponse<>(state(database));
  }

  private interface Answering {
    WebEndpointResponse<Map<String, Object>> answer(HaSqlite database);
  }

  private WebEndpointResponse<Map<String, Object>> with(String name, Answering answering) {
    HaSqlite database = databases.get(name);
    if (database == null) {
      return nothing("There is no database \"" + name + "\" here, only " + databases.keySet());
    }
    try {
      return answering.answer(database);
    } catch (StreamException | SnapshotException e) {
      return refused(WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE, e);
    } catch (HaSqliteException | UnsupportedOperationException e) {
      return refused(CONFLICT, e);
    }
  }

  private static WebEndpointResponse<Map<String, Object>> nothing(String why) {
    return new WebEndpointResponse<>(Map.of("problem", why), WebEndpointResponse.STATUS_NOT_FOUND);
  }

  private static WebEndpointResponse<Map<String, Object>> refused(
      int status, RuntimeException cause) {
    return new WebEndpointResponse<>(Map.of("problem", String.valueOf(cause.getMessage())), status);
  }

  private static List<Peer> peers(HaSqlite database) {
    return database.peers();
  }

  private static List<Map<String, @Nullable Object>> deadLetters(HaSqlite database) {
    return database.deadLetters().stream().map(HaSqliteEndpoint::describe).toList();
  }

  /** Its bytes are not shown: they may be many, and anyone may have sent them. */
  private static Map<String, @Nullable Object> describe(DeadLetter letter) {
    Map<String, @Nullable Object> shown = new LinkedHashMap<>();
    Origin origin = letter.origin();
    shown.put("sequence", letter.sequence());
    shown.put("at", letter.at().toString());
    shown.put("node", origin == null ? null : origin.node().value());
    shown.put("reason", letter.reason());
    shown.put("bytes", letter.body().length);
    return shown;
  }
}
