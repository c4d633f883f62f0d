package io.hasqlite.stream.nats;

import io.hasqlite.DatabaseName;
import io.hasqlite.FaultPoint;
import io.hasqlite.stream.SnapshotStore;
import io.hasqlite.stream.StoredSnapshot;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamOptions;
import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValueManagement;
import io.nats.client.Message;
import io.nats.client.ObjectStore;
import io.nats.client.ObjectStoreManagement;
import io.nats.client.PurgeOptions;
import io.nats.client.api.KeyValueConfiguration;
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
import java.util.Optional;
import java.util.UUID;

/**
 * Snapshots in an object store of NATS: bucket {@code <stream>_SNAPSHOTS}, object {@code <cdc-id>},
 * header {@code seq}, as go-ha reads them. The object store has no compare-and-set, so the bytes
 * are stored under a name of their own, and the message that describes the latest object is then
 * published by hand, expecting the one that it replaces (NATS ADR-20 describes both).
 */
public final class NatsSnapshotStore implements SnapshotStore {

  private static final String BUCKET_SUFFIX = "_SNAPSHOTS";
  private static final String CLAIMS_SUFFIX = "_SNAPSHOT_CLAIMS";
  private static final String SEQUENCE = "seq";
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

  @Override
  public Optional<StoredSnapshot> latest() {
    return describe().map(Described::snapshot);
  }

  private record Described(ObjectInfo info, StoredSnapshot snapshot) {}

  private Optional<Described> describe() {
    Optional<MessageInfo> message;
    try {
      message = api.message(MessageGetRequest.lastForSubject(metaSubject));
    } catch (StreamException e) {
      if (e.getCause() instanceof JetStreamApiException refused
          && refused.getApiErrorCode() == JetStreamApi.STREAM_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
    return message.map(
        found -> {
          ObjectInfo info = new ObjectInfo(found);
          String sequence = info.getHeaders() == null ? null : info.getHeaders().getFirst(SEQUENCE);
          if (info.isDeleted() || sequence == null || !sequence.matches("\\d{1,18}")) {
            return new Described(info, new StoredSnapshot(0, 0, "", found.getSeq()));
          }
          return new Described(
              info,
              new StoredSnapshot(
                  Long.parseLong(sequence),
                  info.getSize(),
                  String.valueOf(info.getDigest()),
                  found.getSeq()));
        });
  }

  @Override
  public boolean put(InputStream content, long sequence) throws IOException {
    if (isAsNew(describe(), sequence)) {
      return false;
    }
    try {
      ObjectStore store = store();
      ObjectInfo stored =
          store.put(
              ObjectMeta.builder(object + "." + UUID.randomUUID())
                  .headers(headers(sequence))
                  .build(),
              content);
      FaultPoint.SNAPSHOT_STORED.reached();
      boolean latest = false;
      try {
        latest = makeLatest(stored, sequence);
      } finally {
        if (!latest) {
          store.delete(stored.getObjectName());
        }
      }
      return latest;
    } catch (JetStreamApiException | NoSuchAlgorithmException | IllegalStateException e) {
      throw failed("store a snapshot", e);
    }
  }

  private static boolean isAsNew(Optional<Described> latest, long sequence) {
    return latest.isPresent() && latest.get().snapshot().sequence() >= sequence;
  }

  private static Headers headers(long sequence) {
    return new Headers().add(SEQUENCE, Long.toString(sequence));
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

  private boolean makeLatest(ObjectInfo stored, long sequence)
      throws IOException, JetStreamApiException {
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      Optional<Described> before = describe();
      if (isAsNew(before, sequence)) {
        return false;
      }
      ObjectInfo latest =
          ObjectInfo.builder(stored).objectName(object).headers(headers(sequence)).build();
      if (publish(latest, before.map(found -> found.snapshot().revision()).orElse(0L))) {
        // The bytes now belong to the latest: only the name that they were stored under goes.
        purge(meta(stored.getObjectName()));
        if (before.isPresent() && before.get().info().getNuid() != null) {
          purge(NatsObjectStoreUtil.toChunkPrefix(bucket) + before.get().info().getNuid());
        }
        return true;
      }
    }
    throw new StreamException(
        "The snapshot store " + bucket + " was changed by others at every attempt", true, null);
  }

  /** Publishes what describes the latest object; false if another one came first. */
  private boolean publish(ObjectInfo latest, long expected) throws IOException {
    Headers headers = new Headers();
    headers.add(NatsJetStreamConstants.ROLLUP_HDR, NatsJetStreamConstants.ROLLUP_HDR_SUBJECT);
    headers.add(NatsJetStreamConstants.EXPECTED_LAST_SUB_SEQ_HDR, Long.toString(expected));
    try {
      Message answer =
          connection.request(
              metaSubject,
              headers,
              latest.toJson().getBytes(StandardCharsets.UTF_8),
              options.requestTimeout());
      new PublishAck(answer);
      return true;
    } catch (RequestFailedException e) {
      throw new StreamException(
          "The snapshot store " + bucket + " did not answer: " + e.getMessage(), true, e);
    } catch (JetStreamApiException e) {
      if (JetStreamPublisher.isWrongLastSequence(e)) {
        return false;
      }
      throw failed("make a snapshot the latest", e);
    }
  }

  private void purge(String subject) throws IOException, JetStreamApiException {
    connection
        .client()
        .jetStreamManagement()
        .purgeStream(NatsObjectStoreUtil.toStreamName(bucket), PurgeOptions.subject(subject));
  }

  @Override
  public boolean claim(Duration duration) {
    try {
      KeyValueManagement management = connection.client().keyValueManagement();
      String locks = options.name() + CLAIMS_SUFFIX;
      if (!management.getBucketNames().contains(locks)) {
        management.create(
            KeyValueConfiguration.builder(locks)
                .storageType(StorageType.File)
                .replicas(options.replicas())
                .ttl(duration)
                .build());
      }
      connection.client().keyValue(locks).create(object, new byte[0]);
      return true;
    } catch (JetStreamApiException e) {
      if (JetStreamPublisher.isWrongLastSequence(e)) {
        return false;
      }
      throw failed("claim the next snapshot", e);
    } catch (IOException | IllegalStateException e) { // the latter while it reconnects
      throw failed("claim the next snapshot", e);
    }
  }

  @Override
  public Optional<StoredSnapshot> get(OutputStream target) throws IOException {
    Optional<Described> latest = describe();
    if (latest.isEmpty() || latest.get().snapshot().sequence() == 0) {
      return Optional.empty();
    }
    try {
      ObjectInfo read = store().get(object, target);
      if (!String.valueOf(read.getDigest()).equals(latest.get().snapshot().digest())) {
        throw new StreamException(
            "The snapshot of " + object + " was replaced while it was read", true, null);
      }
      return latest.map(Described::snapshot);
    } catch (JetStreamApiException | NoSuchAlgorithmException e) {
      throw failed("read a snapshot", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StreamException("Interrupted while reading a snapshot", true, e);
    } catch (IllegalStateException e) {
      throw failed("read a snapshot that is whole", e);
    }
  }

  private StreamException failed(String what, Exception e) {
    return new StreamException(
        "The snapshot store " + bucket + " failed to " + what + ": " + e.getMessage(), true, e);
  }
}
