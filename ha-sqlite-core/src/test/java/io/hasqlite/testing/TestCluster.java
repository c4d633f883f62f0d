package io.hasqlite.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.engine.HaSqliteOptions;
import io.hasqlite.stream.StreamOptions;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.impl.NatsMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Nodes of one database on a stream of their own, and a look at that stream past the engine. */
public final class TestCluster implements AutoCloseable {

  private static final int NOT_FOUND = 10037;

  private final Path folder;
  private final String url;
  private final String stream = "t" + UUID.randomUUID().toString().substring(0, 8);
  private final Deque<TestNode> nodes = new ArrayDeque<>();
  private @Nullable Connection connection;

  /** Uses a server and a folder for the files; nothing is started yet. */
  public TestCluster(Path folder, String url) {
    this.folder = folder;
    this.url = url;
  }

  /** Starts a node. */
  public TestNode node(String name) {
    return node(name, UnaryOperator.identity());
  }

  /** Starts a node with options. */
  public TestNode node(String name, UnaryOperator<HaSqliteOptions.Builder> changes) {
    return node(name, url, changes);
  }

  /** Starts a node that reaches the server in another way, such as through a proxy. */
  public TestNode node(
      String name, String address, UnaryOperator<HaSqliteOptions.Builder> changes) {
    TestNode node =
        TestNode.start(folder, name, address, builder -> changes.apply(builder.stream(options())));
    nodes.push(node);
    return node;
  }

  /** Returns the options of the stream. */
  public StreamOptions options() {
    return StreamOptions.defaults().withName(stream);
  }

  /** Returns the stream's name. */
  public String stream() {
    return stream;
  }

  /** Returns the subject of the database. */
  public String subject() {
    return stream + ".test";
  }

  /** Returns a client of the server. */
  public Connection client() throws IOException, InterruptedException {
    if (connection == null) {
      connection = Nats.connect(url);
    }
    return connection;
  }

  /** Publishes a message past the engine; returns its sequence. */
  public long publish(String message) throws Exception {
    return publish(message.getBytes(StandardCharsets.UTF_8));
  }

  /** Publishes a message past the engine; returns its sequence. */
  public long publish(byte[] message) throws Exception {
    Message request = NatsMessage.builder().subject(subject()).data(message).build();
    return client().jetStream().publish(request).getSeqno();
  }

  /** Returns the body of a message of the stream. */
  public byte[] message(long sequence) throws Exception {
    return client().jetStreamManagement().getMessage(stream, sequence).getData();
  }

  /** Returns the sequence of the last message of the database; 0 if there is none. */
  public long lastSequence() throws Exception {
    try {
      return client().jetStreamManagement().getLastMessage(stream, subject()).getSeq();
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() == NOT_FOUND) {
        return 0;
      }
      throw e;
    }
  }

  /**
   * Waits until all nodes have counted what the stream holds now, and asserts that they have the
   * same schema and rows, bit for bit.
   */
  public void converge() throws Exception {
    long end = lastSequence();
    Map<String, List<String>> expected = null;
    for (TestNode node : new ArrayList<>(nodes)) {
      node.awaitSequence(end);
      Map<String, List<String>> content = node.content();
      if (expected == null) {
        expected = content;
      }
      assertThat(content).as("content of %s", node.engine().path()).isEqualTo(expected);
    }
  }

  @Override
  public void close() throws InterruptedException {
    RuntimeException failure = null;
    for (TestNode node : nodes) {
      try {
        node.close();
      } catch (RuntimeException e) {
        failure = e;
      }
    }
    if (connection != null) {
      connection.close();
    }
    if (failure != null) {
      throw failure;
    }
  }
}
