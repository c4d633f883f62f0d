package io.hasqlite.sample;

import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.Peer;
import io.hasqlite.engine.ReplicationStatus;
import io.hasqlite.stream.StreamException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/** The nodes: those that the server knows, and those whose address is configured. */
@Service
class Cluster {

  private static final Logger log = LoggerFactory.getLogger(Cluster.class);

  private final HaSqlite database;
  private final OtherNodes others;
  private final Burst burst;

  Cluster(HaSqlite database, OtherNodes others, Burst burst) {
    this.database = database;
    this.others = others;
    this.burst = burst;
  }

  /** Tells how this node is. Never blocks. */
  NodeView self() {
    ReplicationStatus status = database.status();
    return new NodeView(
        status.node().value(),
        status.state().name(),
        status.position(),
        status.streamLastSequence(),
        status.lagMessages(),
        burst.writesLeft(),
        status.problem() == null ? burst.problem() : status.problem());
  }

  /** Lists all nodes by name. Blocks: asks the server and the other nodes. */
  List<Member> members() {
    NodeView self = self();
    Map<String, Peer> peers = peers();
    TreeSet<String> names = new TreeSet<>(peers.keySet());
    names.addAll(others.addresses().keySet());
    names.add(self.node());
    List<Member> members = new ArrayList<>();
    for (String name : names) {
      boolean isSelf = name.equals(self.node());
      members.add(
          member(
              name,
              isSelf,
              others.addresses().get(name),
              isSelf ? self : others.ask(name),
              isSelf ? null : peers.get(name)));
    }
    return members;
  }

  /** What a node says of itself is the newest; what the server says holds for one that is away. */
  private static Member member(
      String name,
      boolean self,
      @Nullable String address,
      @Nullable NodeView view,
      @Nullable Peer peer) {
    return new Member(
        name,
        self,
        address,
        view != null ? view.state() : peer != null && peer.live() ? "LIVE" : "AWAY",
        view != null,
        view != null ? view.position() : peer != null ? peer.position() : 0,
        view != null ? view.lagMessages() : peer != null ? peer.lagMessages() : 0,
        view != null ? view.burstWrites() : 0,
        view != null ? view.problem() : null);
  }

  private Map<String, Peer> peers() {
    try {
      return database.peers().stream()
          .collect(Collectors.toMap(Peer::node, Function.identity(), (a, b) -> b, TreeMap::new));
    } catch (StreamException e) {
      log.debug("The server does not say which nodes there are", e); // its state says the same
      return Map.of();
    }
  }
}
