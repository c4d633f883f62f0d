package io.hasqlite.stream.nats;

import io.hasqlite.DatabaseName;
import io.hasqlite.FaultPoint;
import io.hasqlite.stream.Beginning;
import io.hasqlite.stream.SnapshotStamp;
import io.hasqlite.stream.SnapshotStore;
import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamOptions;
import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import io.nats.client.KeyValueManagement;
import io.nats.client.Message;
import io.nats.client.ObjectStore;
import io.nats.client.ObjectStoreManagement;
import io.nats.client.PurgeOptions;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.KeyValueEntry;
import io.nats.client.api.MessageGetRequest;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.ObjectInfo;
import io.nats.client.api.ObjectMeta;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import io.nats.client.impl.Headers;
import io.nats.client.support.NatsJetStreamConstants;
import io.nats.client.support.NatsObjectStoreUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Snapshots in an object store of NATS: bucket {@code <stream>_SNAPSHOTS}, object {@code <cdc-id>},
 * header {@code seq}, as go-ha reads them. The object store has no compare-and-set, so the bytes
 * are stored under a name of their own, and the message that describes the latest object is then
 * published by hand, expecting the one that it replaces (NATS ADR-20 describes both).
 *
 * <p>That message does not roll its subject up: servers before 2.9.21 may accept two messages with
 * one expectation on a replicated stream, and the second one would remove a first one that may be
 * newer. So what came between is read back, and put in its place again if it is. Nothing is deleted
 * but what is older than the last one: when that was deleted, servers before 2.9.21 say that there
 * is none at all.
 */
public final class NatsSnapshotStore implements SnapshotStore {

  private static final Logger log = LoggerFactory.getLogger(NatsSnapshotStore.class);

  private static final String BUCKET_SUFFIX = "_SNAPSHOTS";
  private static final String CLAIMS_SUFFIX = "_CLAIMS";
  private static final String DATABASES_SUFFIX = "_DATABASES";

  private static final String SEQUENCE = "seq";
  private static final String LAST_OF_SUBJECT = "last-seq";
  private static final String STREAM_CREATED = "stream-created";
  private static final String PAGE_SIZE = "page-size";
  private static final String EXCLUDED_TABLES = "excluded-tables";

  /** The chunks of the snapshot before, which somebody may be reading. */
  private static final String PREVIOUS = "previous-nuid";

  private static final int ATTEMPTS_MAX = 5;

  private final NatsConnection connection;
  private final StreamOptions options;
  private final String bucket;
  private final String object;
  private final String metaSubject;
  private final JetStreamApi api;

  /** Does not ask the server for anything yet. */
  public NatsSnapshotStore(
      NatsConnection connection, StreamOptions options, DatabaseName database) {
    this.connection = connection;
    this.options = options;
    this.bucket = options.name() + BUCKET_SUFFIX;
    this.object = database.token();
    this.metaSubject = meta(object);
    this.api =
        new JetStreamApi(
            connection, NatsObjectStoreUtil.toStreamName(bucket), options.requestTimeout());
  }

  private String meta(String name) {
    return NatsObjectStoreUtil.toMetaPrefix(bucket) + NatsObjectStoreUtil.encodeForSubject(name);
  }

  private String chunks(String nuid) {
    return NatsObjectStoreUtil.toChunkPrefix(bucket) + nuid;
  }

  /**
   * What the store says now.
   *
   * @param info the object; null where its description is not readable
   * @param stamp its stamp; null where it has none
   * @param revision what must still be the last for another one to take its place
   */
  private record Described(
      @Nullable ObjectInfo info, @Nullable SnapshotStamp stamp, long revision) {

    static final Described NOTHING = new Described(null, null, 0);

    Optional<StoredSnapshot> snapshot() {
      return info == null || stamp == null ? Optional.empty() : Optional.of(of(info, stamp));
    }

    static StoredSnapshot of(ObjectInfo info, SnapshotStamp stamp) {
      ZonedDateTime stored = info.getModified();
      return new StoredSnapshot(
          stamp,
          info.getSize(),
          String.valueOf(info.getDigest()),
          stored == null ? Instant.EPOCH : stored.toInstant());
    }

    boolean isAsNewAs(SnapshotStamp other) {
      return stamp != null && stamp.isAsNewAs(other);
    }
  }

  @Override
  public Optional<StoredSnapshot> latest() {
    return describe().snapshot();
  }

  private Described describe() {
    Optional<MessageInfo> message;
    try {
      message = api.message(MessageGetRequest.lastForSubject(metaSubject));
    } catch (StreamException e) {
      if (e.getCause() instanceof JetStreamApiException refused
          && refused.getApiErrorCode() == JetStreamApi.STREAM_NOT_FOUND) {
        return Described.NOTHING;
      }
      throw e;
    }
    return message.map(NatsSnapshotStore::described).orElse(Described.NOTHING);
  }

  private static Described described(MessageInfo message) {
    ObjectInfo info = new ObjectInfo(message);
    return new Described(info, stamp(info), message.getSeq());
  }

  private static @Nullable SnapshotStamp stamp(ObjectInfo info) {
    long sequence = number(info, SEQUENCE);
    if (info.isDeleted() || sequence == 0) {
      return null;
    }
    return new SnapshotStamp(
        sequence,
        number(info, LAST_OF_SUBJECT),
        header(info, STREAM_CREATED),
        (int) number(info, PAGE_SIZE),
        header(info, EXCLUDED_TABLES));
  }

  private static String header(ObjectInfo info, String name) {
    String value = info.getHeaders() == null ? null : info.getHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  private static long number(ObjectInfo info, String name) {
    String value = header(info, name);
    return value.matches("\\d{1,18}") ? Long.parseLong(value) : 0;
  }

  private static Headers headers(SnapshotStamp stamp, String previous) {
    return new Headers()
        .add(SEQUENCE, Long.toString(stamp.sequence()))
        .add(LAST_OF_SUBJECT, Long.toString(stamp.lastOfSubject()))
        .add(STREAM_CREATED, stamp.streamCreated())
        .add(PAGE_SIZE, Integer.toString(stamp.pageSize()))
        .add(EXCLUDED_TABLES, stamp.excludedTables())
        .add(PREVIOUS, previous);
  }

  @Override
  public boolean put(InputStream content, SnapshotStamp stamp) throws IOException {
    if (describe().isAsNewAs(stamp)) {
      return false;
    }
    try {
      ObjectStore store = store();
      ObjectInfo stored =
          store.put(
              ObjectMeta.builder(object + "." + UUID.randomUUID()).chunkSize(chunkSize()).build(),
              content);
      FaultPoint.SNAPSHOT_STORED.reached();
      // If it is not known whether it became the latest, nothing is removed: leftovers go later.
      boolean latest = makeLatest(stored, stamp);
      purge(meta(stored.getObjectName()));
      if (!latest) {
        purge(chunks(stored.getNuid()));
      }
      return latest;
    } catch (JetStreamApiException | NoSuchAlgorithmException e) {
      throw failed("store a snapshot", e);
    }
  }

  /** A server may take only messages that are smaller than the usual chunk. */
  private int chunkSize() {
    long max = connection.client().getMaxPayload();
    return max <= 0
        ? NatsObjectStoreUtil.DEFAULT_CHUNK_SIZE
        : (int) Math.min(NatsObjectStoreUtil.DEFAULT_CHUNK_SIZE, max / 2);
  }

  private ObjectStore store() throws IOException, JetStreamApiException {
    ObjectStoreManagement management = connection.client().objectStoreManagement();
    if (!management.getBucketNames().contains(bucket)) {
      management.create(
          ObjectStoreConfiguration.builder(bucket)
              .storageType(StorageType.File)
              .replicas(options.replicas())
              .build());
    }
    return connection.client().objectStore(bucket);
  }

  /** Makes an object the latest; false if there is one that is as new. */
  private boolean makeLatest(ObjectInfo stored, SnapshotStamp stamp)
      throws IOException, JetStreamApiException {
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      Described before = describe();
      if (before.isAsNewAs(stamp)) {
        return false;
      }
      String replaced =
          before.info() == null || before.info().getNuid() == null ? "" : before.info().getNuid();
      ObjectInfo latest =
          ObjectInfo.builder(stored).objectName(object).headers(headers(stamp, replaced)).build();
      long revision = publish(latest, before.revision());
      if (revision > 0) {
        if (!restoreNewer(before.revision(), revision, stamp)) {
          return false;
        }
        tidy(before, revision);
        return true;
      }
    }
    throw new StreamException(
        "The snapshot store " + bucket + " was changed by others at every attempt", true, null);
  }

  @Override
  public boolean restamp(StoredSnapshot latest, SnapshotStamp stamp) {
    Described before = describe();
    if (before.info() == null || !before.snapshot().equals(Optional.of(latest))) {
      return false;
    }
    ObjectInfo restamped =
        ObjectInfo.builder(before.info())
            .headers(headers(stamp, header(before.info(), PREVIOUS)))
            .build();
    try {
      long revision = publish(restamped, before.revision());
      if (revision == 0 || !restoreNewer(before.revision(), revision, stamp)) {
        return false;
      }
      purgeBefore(revision);
      return true;
    } catch (IOException | JetStreamApiException | IllegalStateException e) {
      throw failed("stamp the latest snapshot", e);
    }
  }

  /** Publishes what describes the latest object; 0 if another one came first. */
  private long publish(ObjectInfo latest, long expected) throws IOException, JetStreamApiException {
    Headers headers = new Headers();
    headers.add(NatsJetStreamConstants.EXPECTED_LAST_SUB_SEQ_HDR, Long.toString(expected));
    try {
      Message answer =
          connection.request(
              metaSubject,
              headers,
              latest.toJson().getBytes(StandardCharsets.UTF_8),
              options.requestTimeout());
      return new PublishAck(answer).getSeqno();
    } catch (RequestFailedException e) {
      throw new StreamException(
          "The snapshot store " + bucket + " did not answer: " + e.getMessage(), true, e);
    } catch (JetStreamApiException e) {
      if (JetStreamPublisher.isWrongLastSequence(e)) {
        return 0;
      }
      throw e;
    }
  }

  /**
   * Makes the newest of those the latest that the server accepted between the expected one and ours
   * although it should not have, if one is newer than ours.
   *
   * @return false if one is
   */
  private boolean restoreNewer(long expected, long revision, SnapshotStamp ours)
      throws IOException, JetStreamApiException {
    ObjectInfo newest = null;
    SnapshotStamp stamp = ours;
    Optional<MessageInfo> next = after(expected);
    while (next.isPresent() && next.get().getSeq() < revision) {
      Described between = described(next.get());
      if (between.info() != null && between.stamp() != null && !stamp.isAsNewAs(between.stamp())) {
        newest = between.info();
        stamp = between.stamp();
      }
      next = after(between.revision());
    }
    if (newest == null) {
      return true;
    }
    makeLatest(newest, stamp);
    return false;
  }

  private Optional<MessageInfo> after(long revision) {
    return api.message(MessageGetRequest.nextForSubject(revision + 1, metaSubject));
  }

  /**
   * Removes what nobody needs any more. The latest snapshot does not depend on it: what is left is
   * removed with a later one.
   */
  private void tidy(Described replaced, long revision) {
    try {
      purgeBefore(revision);
      if (replaced.info() != null && !header(replaced.info(), PREVIOUS).isEmpty()) {
        purge(chunks(header(replaced.info(), PREVIOUS)));
      }
      new ObjectLeftovers(management(), api, bucket).remove(revision);
    } catch (IOException | JetStreamApiException | StreamException e) {
      log.warn(
          "Old snapshots of {} in the store {} are removed with a later one: {}",
          object,
          bucket,
          e.getMessage());
    }
  }

  private void purgeBefore(long revision) throws IOException, JetStreamApiException {
    management()
        .purgeStream(
            NatsObjectStoreUtil.toStreamName(bucket),
            PurgeOptions.builder().subject(metaSubject).sequence(revision).build());
  }

  private void purge(String subject) throws IOException, JetStreamApiException {
    management()
        .purgeStream(NatsObjectStoreUtil.toStreamName(bucket), PurgeOptions.subject(subject));
  }

  private io.nats.client.JetStreamManagement management() throws IOException {
    return connection.client().jetStreamManagement();
  }

  /** Two nodes that both get it, as old servers allow, do it both: no harm. */
  @Override
  public boolean claim(String duty, Duration duration) {
    return create("_" + duty + CLAIMS_SUFFIX, duration, "");
  }

  @Override
  public Optional<Beginning> beginning() {
    try {
      // Who may be the first to write finds the bucket made: in a cluster that takes its time.
      KeyValueEntry entry = keys(DATABASES_SUFFIX, Duration.ZERO).get(object);
      return entry == null ? Optional.empty() : Optional.of(beginning(entry.getValueAsString()));
    } catch (IOException | JetStreamApiException | IllegalStateException e) {
      throw failed("look the database up", e);
    }
  }

  private Beginning beginning(String text) {
    String[] parts = text.split(" ");
    if (parts.length != 2 || !parts[0].matches("\\d{1,18}")) {
      throw new StreamException(
          "The key " + object + " of " + options.name() + DATABASES_SUFFIX + " is not readable",
          false,
          null);
    }
    return new Beginning(Long.parseLong(parts[0]), parts[1]);
  }

  @Override
  public Beginning begin(Beginning proposed) {
    create(DATABASES_SUFFIX, Duration.ZERO, proposed.sequence() + " " + proposed.streamCreated());
    return beginning().orElseThrow(() -> new IllegalStateException("The key is gone: " + object));
  }

  /** Creates the database's key in a bucket of keys; false if it is there. */
  private boolean create(String suffix, Duration timeToLive, String value) {
    try {
      keys(suffix, timeToLive).create(object, value.getBytes(StandardCharsets.UTF_8));
      return true;
    } catch (JetStreamApiException e) {
      if (JetStreamPublisher.isWrongLastSequence(e)) {
        return false;
      }
      throw failed("create a key", e);
    } catch (IOException | IllegalStateException e) { // the latter while it reconnects
      throw failed("create a key", e);
    }
  }

  /** Returns a bucket of keys, which is made if it is not there. */
  private KeyValue keys(String suffix, Duration timeToLive)
      throws IOException, JetStreamApiException {
    KeyValueManagement management = connection.client().keyValueManagement();
    String name = options.name() + suffix;
    if (!management.getBucketNames().contains(name)) {
      management.create(
          KeyValueConfiguration.builder(name)
              .storageType(StorageType.File)
              .replicas(options.replicas())
              .ttl(timeToLive)
              .build());
    }
    return connection.client().keyValue(name);
  }

  @Override
  public Optional<StoredSnapshot> get(OutputStream target) throws IOException {
    if (describe().snapshot().isEmpty()) {
      return Optional.empty();
    }
    try {
      // What is read is what its own description says, whatever became the latest meanwhile.
      ObjectInfo read = connection.client().objectStore(bucket).get(object, target);
      SnapshotStamp stamp = stamp(read);
      return stamp == null ? Optional.empty() : Optional.of(Described.of(read, stamp));
    } catch (JetStreamApiException | NoSuchAlgorithmException e) {
      throw failed("read a snapshot", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StreamException("Interrupted while reading a snapshot", true, e);
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw failed("give back the latest snapshot whole", e);
    }
  }

  private StreamException failed(String what, Exception e) {
    return new StreamException(
        "The snapshot store " + bucket + " failed to " + what + ": " + e.getMessage(), true, e);
  }
}
