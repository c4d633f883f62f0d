package io.hasqlite.engine;

import io.hasqlite.NodeId;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.ConsumerPosition;
import java.util.Comparator;
import java.util.List;

/** The nodes of a database, by their durable consumers. */
final class Peers {

  private final ChangeStream stream;
  private final NodeId self;

  Peers(ChangeStream stream, NodeId self) {
    this.stream = stream;
    this.self = self;
  }

  List<Peer> list() {
    return stream.consumers().stream()
        .map(this::peer)
        .sorted(Comparator.comparing(Peer::node))
        .toList();
  }

  private Peer peer(ConsumerPosition consumer) {
    boolean mine = consumer.node().equals(self.value());
    return new Peer(
        consumer.node(),
        consumer.process(),
        mine,
        mine || consumer.process().isEmpty() || stream.isLive(new NodeId(consumer.node())),
        consumer.acknowledgedSequence(),
        consumer.pending() + consumer.unacknowledged());
  }

  boolean remove(NodeId node) {
    boolean known =
        stream.consumers().stream().anyMatch(consumer -> consumer.node().equals(node.value()));
    if (node.equals(self) || stream.isLive(node)) {
      throw new PeerInUseException(
          "The consumer of node "
              + node
              + " is not removed: "
              + (node.equals(self) ? "it is this node" : "a process answers under its name")
              + ". Stop that node first; if it is to follow again, leave its consumer alone");
    }
    if (known) {
      stream.removeConsumer(node);
    }
    return known;
  }
}
