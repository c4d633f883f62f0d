package io.hasqlite.stream.nats;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.stream.ChangeConsumer;
import io.hasqlite.stream.ChangeStream;
import io.hasqlite.stream.ConsumerPosition;
import io.hasqlite.stream.DeliverPolicy;
import io.hasqlite.stream.MessageHeaders;
import io.hasqlite.stream.PublishResult;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamListener;
import io.hasqlite.stream.StreamMessage;
import io.hasqlite.stream.StreamOptions;
import io.hasqlite.stream.StreamState;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.MessageGetRequest;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ordered log on a JetStream stream. The subject is {@code <stream>.<database>}, the durable
 * consumer of a node {@code <database>_<node>}, both cut to what NATS takes by go-ha's rule (in the
 * consumer's name, anything but printable ASCII becomes {@code _} too).
 */
public final class NatsChangeStream implements ChangeStream {

  /** Long enough to ask for the consumer's first sequence, gone soon if deleting it fails. */
  private static final Duration PROBE_INACTIVITY = Duration.ofSeconds(5);

  /**
   * A dead process has few requests that can still take effect. Who takes the consumer more often
   * lives, and its answers do not come through.
   */
  private static final int TAKEN_BACK_MAX = 2;

  /** So many heartbeats come within the time in which the server answers a request. */
  private static final int HEARTBEATS_PER_REQUEST_TIMEOUT = 2;

  private static final int UNKNOWN = 0;

  private static final Logger log = LoggerFactory.getLogger(NatsChangeStream.class);

  private final NatsConnection connection;
  private final StreamOptions options;
  private final DatabaseName database;
  private final ConsumerLabel label;
  private final String subject;
  private final String durable;
  private final JetStreamApi api;
  private final JetStreamPublisher publisher;
  private final NodePresence presence;
  private final StreamListener listener;

  private volatile int replicas = UNKNOWN;
  private final Object consuming = new Object();
  private @Nullable NatsChangeConsumer consumer;
  private boolean consumerWasMade;
  private String takenBackFrom = "";
  private int takenBack; // so often from that process
  private boolean closed;

  /**
   * Does not ask the server for anything yet.
   *
   * @param connection stays open when this is closed
   * @param origin the node and the life of its engine
   */
  public NatsChangeStream(
      NatsConnection connection, StreamOptions options, DatabaseName database, Origin origin) {
    this(connection, options, database, origin, new StreamListener() {});
  }

  /**
   * Does not ask the server for anything yet.
   *
   * @param connection stays open when this is closed
   * @param origin the node and the life of its engine
   * @param listener told of messages that go and come
   */
  public NatsChangeStream(
      NatsConnection connection,
      StreamOptions options,
      DatabaseName database,
      Origin origin,
      StreamListener listener) {
    this.listener = listener;
    this.connection = connection;
    this.options = options;
    this.database = database;
    this.label = ConsumerLabel.of(database.value(), origin.node().value(), origin.processId());
    this.subject = options.name() + "." + database.token();
    this.durable = durable(origin.node());
    this.api = new JetStreamApi(connection, options.name(), options.requestTimeout());
    this.publisher =
        new JetStreamPublisher(connection, api, options.name(), subject, () -> replicas != 1);
    this.presence = new NodePresence(connection, options.name(), durable, label.process());
  }

  private String durable(NodeId node) {
    String token = DatabaseName.token(database.value() + "_" + node.value());
    // Subjects may hold any character; names of consumers may not.
    return token.replaceAll("[^!-~]|\\\\", "_");
  }

  @Override
  public List<String> open() {
    StreamInfo info = findOrMake();
    replicas = info.getConfiguration().getReplicas();
    List<String> mismatches = StreamSettings.compare(info.getConfiguration(), options, subject);
    for (ConsumerInfo other : api.consumers()) {
      if (other.getName().equals(durable)) {
        checkOwner(other);
      } else {
        checkDatabase(other);
      }
    }
    presence.claim("Node " + label.node() + " of database " + database);
    return mismatches;
  }

  private StreamInfo findOrMake() {
    try {
      return api.streamInfo();
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() != JetStreamApi.STREAM_NOT_FOUND) {
        throw api.refused("describe it", e);
      }
    }
    try {
      return api.createStream(StreamSettings.wanted(options));
    } catch (JetStreamApiException e) {
      return switch (e.getApiErrorCode()) {
        case JetStreamApi.STREAM_NAME_IN_USE -> madeByAnother();
        case JetStreamApi.SUBJECTS_OVERLAP ->
            throw new StreamException(
                "Stream "
                    + options.name()
                    + " cannot be made: another stream of the server takes some of its subjects, "
                    + options.name()
                    + " and "
                    + options.name()
                    + ".>. Choose another stream name, or change the other stream",
                false,
                e);
        case JetStreamApi.REPLICAS_NOT_SUPPORTED ->
            throw new StreamException(
                "Stream "
                    + options.name()
                    + " cannot have "
                    + options.replicas()
                    + " replicas: the NATS server is not part of a cluster. Set"
                    + " ha.sqlite.stream.replicas to 1, or use a cluster",
                false,
                e);
        default -> throw api.refused("make it", e);
      };
    }
  }

  private StreamInfo madeByAnother() {
    try {
      return api.streamInfo();
    } catch (JetStreamApiException e) {
      throw api.refused("describe it", e);
    }
  }

  /** Two names that NATS cannot tell apart would share a subject: refused. */
  private void checkDatabase(ConsumerInfo other) {
    Optional<ConsumerLabel> owner = labelOf(other);
    if (owner.isPresent() && readsOnly(other) && !owner.get().database().equals(database.value())) {
      throw new StreamException(
          "Database "
              + database
              + " would share the subject "
              + subject
              + " with database "
              + owner.get().database()
              + " (node "
              + owner.get().node()
              + "): the last 32 characters of their names are the same. Set another"
              + " ha.sqlite.cdc-id, or remove that node's consumer if it is gone: nats consumer rm "
              + options.name()
              + " "
              + other.getName(),
          false,
          null);
    }
  }

  private void checkOwner(ConsumerInfo existing) {
    String whose = "Consumer " + durable + " of stream " + options.name();
    if (!readsOnly(existing)) {
      throw new StreamException(
          whose
              + " reads "
              + existing.getConsumerConfiguration().getFilterSubjects()
              + ", not "
              + subject
              + ": it belongs to another database or application. Set another"
              + " ha.sqlite.node-name or ha.sqlite.cdc-id",
          false,
          null);
    }
    ConsumerLabel owner =
        labelOf(existing)
            .orElseThrow(
                () ->
                    new StreamException(
                        whose
                            + " was not made by HA SQLite. Set another ha.sqlite.node-name, or"
                            + " remove it: nats consumer rm "
                            + options.name()
                            + " "
                            + durable,
                        false,
                        null));
    if (!owner.database().equals(label.database()) || !owner.node().equals(label.node())) {
      throw new StreamException(
          whose
              + " belongs to node "
              + owner.node()
              + " of database "
              + owner.database()
              + ", and not to node "
              + label.node()
              + " of database "
              + label.database()
              + ": the last 32 characters of both are the same. Set another ha.sqlite.node-name or"
              + " ha.sqlite.cdc-id",
          false,
          null);
    }
    if (consumerWasMade && isTakenOver(owner)) {
      throw takenOver(owner);
    }
  }

  /**
   * A label of a process that is dead is no sign of another one with this node's name: a request of
   * this node's last life may take effect long after its end, where the servers of a cluster are
   * slow to agree.
   */
  private boolean isTakenOver(ConsumerLabel owner) {
    String other = owner.process();
    if (other.equals(label.process())) {
      return false;
    }
    synchronized (consuming) {
      if (other.equals(takenBackFrom) && takenBack >= TAKEN_BACK_MAX) {
        return true;
      }
    }
    return presence.isUsedBy(other);
  }

  /** For a consumer that is about to be deleted and made anew. */
  private void takeBack(ConsumerInfo existing) {
    String other = labelOf(existing).map(ConsumerLabel::process).orElse("");
    if (consumerWasMade && !other.equals(label.process())) {
      takenBack = other.equals(takenBackFrom) ? takenBack + 1 : 1;
      takenBackFrom = other;
      log.warn(
          "Consumer {} of stream {} was made anew by process {}, which does not answer: node {} takes"
              + " it back",
          durable,
          options.name(),
          other,
          label.node());
    }
  }

  private StreamException takenOver(ConsumerLabel owner) {
    return new StreamException(
        "Another process uses node name "
            + label.node()
            + " of database "
            + database
            + ": it ("
            + owner.process()
            + ") took consumer "
            + durable
            + " over from this one ("
            + label.process()
            + "). Every instance needs a node name of its own: set ha.sqlite.node-name",
        false,
        null);
  }

  private boolean readsOnly(ConsumerInfo info) {
    return List.of(subject)
        .equals(
            Objects.requireNonNullElse(
                info.getConsumerConfiguration().getFilterSubjects(), List.<String>of()));
  }

  private static Optional<ConsumerLabel> labelOf(ConsumerInfo info) {
    return ConsumerLabel.parse(info.getConsumerConfiguration().getDescription());
  }

  @Override
  public String connection() {
    return connection.id();
  }

  @Override
  public String server() {
    return connection.server();
  }

  @Override
  public long reconnects() {
    return connection.reconnects();
  }

  @Override
  public boolean isConnected() {
    return connection.isConnected();
  }

  @Override
  public StreamState state() {
    try {
      StreamInfo info = api.streamInfo();
      replicas = info.getConfiguration().getReplicas();
      io.nats.client.api.StreamState state = info.getStreamState();
      long last = state.getLastSequence();
      long first = state.getMsgCount() == 0 ? last + 1 : state.getFirstSequence();
      return new StreamState(info.getCreateTime().toInstant(), first, last);
    } catch (JetStreamApiException e) {
      throw api.refused("describe it", e);
    }
  }

  @Override
  public PublishResult publish(
      byte[] message, String messageId, long expectedLast, Duration timeout) {
    return publish(message, messageId, expectedLast, timeout, new MessageHeaders());
  }

  @Override
  public PublishResult publish(
      byte[] message,
      String messageId,
      long expectedLast,
      Duration timeout,
      MessageHeaders headers) {
    long start = System.nanoTime();
    PublishResult result =
        publisher.publish(message, messageId, expectedLast, timeout, headers.asMap());
    if (result instanceof PublishResult.Accepted) {
      listener.published(message.length, System.nanoTime() - start);
    }
    return result;
  }

  @Override
  public long messageBytesMax() {
    return publisher.messageBytesMax();
  }

  @Override
  public long lastSequence() {
    return publisher.lastSequence();
  }

  @Override
  public Optional<StreamMessage> read(long sequence) {
    if (sequence < 1) {
      return Optional.empty();
    }
    return api.message(MessageGetRequest.forSequence(sequence))
        .filter(info -> subject.equals(info.getSubject()))
        .map(NatsChangeStream::message);
  }

  @Override
  public Optional<StreamMessage> next(long afterSequence) {
    long from = Math.max(1, afterSequence + 1);
    return api.message(MessageGetRequest.nextForSubject(from, subject))
        .map(NatsChangeStream::message);
  }

  private static StreamMessage message(MessageInfo info) {
    ZonedDateTime time = info.getTime();
    byte[] body = info.getData();
    return new StreamMessage(
        info.getSeq(),
        time == null ? Instant.EPOCH : time.toInstant(),
        -1,
        body == null ? new byte[0] : body);
  }

  @Override
  public long firstSequence(DeliverPolicy policy) {
    if (policy instanceof DeliverPolicy.ByStartSequence start) {
      return start.sequence();
    }
    if (policy instanceof DeliverPolicy.ByStartTime start) {
      return firstSequenceAt(start.time());
    }
    StreamState state = state();
    if (policy.equals(DeliverPolicy.ALL)) {
      return state.firstSequence();
    }
    long last = policy.equals(DeliverPolicy.LAST) ? lastSequence() : 0;
    return last > 0 ? last : state.lastSequence() + 1;
  }

  /** Only a consumer finds a sequence by time on all servers; this one never reads. */
  private long firstSequenceAt(Instant time) {
    String probe = "ha_sqlite_probe_" + UUID.randomUUID();
    ConsumerInfo info =
        api.createConsumer(
            probe,
            subject,
            ConsumerConfiguration.builder()
                .name(probe)
                .filterSubject(subject)
                .ackPolicy(AckPolicy.None)
                .deliverPolicy(io.nats.client.api.DeliverPolicy.ByStartTime)
                .startTime(time.atZone(ZoneOffset.UTC))
                .inactiveThreshold(PROBE_INACTIVITY)
                .build());
    api.deleteConsumer(probe);
    return info.getDelivered().getStreamSequence() + 1;
  }

  @Override
  public ChangeConsumer consume(long firstSequence) {
    synchronized (consuming) {
      if (closed) {
        throw new StreamException("The stream of database " + database + " is closed", false, null);
      }
      if (consumer != null) {
        consumer.close();
        consumer = null;
      }
      Optional<ConsumerInfo> existing = api.consumer(durable);
      if (existing.isPresent()) {
        checkOwner(existing.get());
        takeBack(existing.get());
        api.deleteConsumer(durable);
      }
      long first = Math.max(1, firstSequence);
      ConsumerInfo made = api.createConsumer(durable, subject, durableAt(first));
      if (!labelOf(made).equals(Optional.of(label))) {
        throw new StreamException(
            "Consumer " + durable + " was made by another process in the same instant", true, null);
      }
      consumerWasMade = true;
      consumer =
          new NatsChangeConsumer(
              connection,
              options.name(),
              durable,
              first,
              options.requestTimeout().dividedBy(HEARTBEATS_PER_REQUEST_TIMEOUT),
              this::explainLoss,
              listener);
      return consumer;
    }
  }

  private ConsumerConfiguration durableAt(long first) {
    return ConsumerConfiguration.builder()
        .durable(durable)
        .description(label.text())
        .filterSubject(subject)
        .ackPolicy(AckPolicy.All)
        .ackWait(NatsChangeConsumer.ACK_WAIT)
        .maxAckPending(NatsChangeConsumer.UNACKNOWLEDGED_MAX)
        .deliverPolicy(io.nats.client.api.DeliverPolicy.ByStartSequence)
        .startSequence(first)
        .inactiveThreshold(options.consumerInactivity())
        .build();
  }

  /** Asks what became of our consumer. */
  private StreamException explainLoss(String what) {
    try {
      Optional<ConsumerLabel> owner = api.consumer(durable).flatMap(NatsChangeStream::labelOf);
      if (owner.isPresent() && isTakenOver(owner.get())) {
        return takenOver(owner.get());
      }
      return new StreamException(what, true, null);
    } catch (StreamException e) {
      return new StreamException(what + ". " + e.getMessage(), e.isRetryable(), e);
    }
  }

  @Override
  public Optional<ConsumerPosition> consumer(NodeId node) {
    return find(node).map(this::position);
  }

  /** Another node's consumer may have the same name; it is not this node's. */
  private Optional<ConsumerInfo> find(NodeId node) {
    return api.consumer(durable(node))
        .filter(this::readsOnly)
        .filter(
            info ->
                labelOf(info)
                    .map(
                        owner ->
                            owner.database().equals(database.value())
                                && owner.node().equals(node.value()))
                    .orElse(true));
  }

  @Override
  public List<ConsumerPosition> consumers() {
    List<ConsumerPosition> positions = new ArrayList<>();
    for (ConsumerInfo info : api.consumers()) {
      if (readsOnly(info)) {
        positions.add(position(info));
      }
    }
    return positions;
  }

  private ConsumerPosition position(ConsumerInfo info) {
    return new ConsumerPosition(
        labelOf(info).map(ConsumerLabel::node).orElse(info.getName()),
        labelOf(info).map(ConsumerLabel::process).orElse(""),
        info.getDelivered().getStreamSequence(),
        info.getAckFloor().getStreamSequence(),
        info.getNumPending(),
        info.getNumAckPending());
  }

  @Override
  public boolean isLive(NodeId node) {
    return NodePresence.isUsed(connection, options.name(), durable(node));
  }

  @Override
  public void removeConsumer(NodeId node) {
    find(node).ifPresent(info -> api.deleteConsumer(info.getName()));
  }

  @Override
  public void close() {
    synchronized (consuming) {
      closed = true;
      if (consumer != null) {
        consumer.close();
        consumer = null;
      }
    }
    presence.close();
  }
}
