package io.hasqlite.stream.nats;

import io.hasqlite.stream.PayloadStore;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamOptions;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.MessageGetRequest;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.ObjectInfo;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.nats.client.support.Digester;
import io.nats.client.support.NatsJetStreamConstants;
import io.nats.client.support.NatsObjectStoreUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Payloads in an object store of NATS, bucket {@code <stream>_PAYLOADS}, which is made when the
 * first one is stored. The form is that of NATS ADR-20, so that any client can look into it. The
 * client's own object store is not used: it reads messages from any replica, which may not have
 * them yet, and waits for them with time-outs of its own.
 */
public final class NatsPayloadStore implements PayloadStore {

  private static final Logger LOG = LoggerFactory.getLogger(NatsPayloadStore.class);
  private static final String BUCKET_SUFFIX = "_PAYLOADS";

  /**
   * A payload is older than the message that names it by the time that publishing takes, and is
   * needed until a node that got the message in its last moment has read it.
   */
  private static final Duration AGE_MARGIN = Duration.ofHours(1);

  private static final int CHUNK_BYTES = 128 * 1024;

  private final NatsConnection connection;
  private final StreamOptions options;
  private final String bucket;
  private final String bucketStream;
  private final JetStreamApi api;
  private final JetStreamApi changes;
  private volatile boolean bucketExists;

  /** Does not ask the server for anything yet. */
  public NatsPayloadStore(NatsConnection connection, StreamOptions options) {
    this.connection = connection;
    this.options = options;
    this.bucket = options.name() + BUCKET_SUFFIX;
    this.bucketStream = NatsObjectStoreUtil.toStreamName(bucket);
    this.api = new JetStreamApi(connection, bucketStream, options.requestTimeout());
    this.changes = new JetStreamApi(connection, options.name(), options.requestTimeout());
  }

  @Override
  public List<String> check() {
    try {
      List<String> mismatches = new ArrayList<>();
      StreamConfiguration existing = api.streamInfo().getConfiguration();
      Duration age = existing.getMaxAge();
      Duration wanted = wantedAge();
      if (!age.isZero() && (wanted.isZero() || age.compareTo(wanted) < 0)) {
        mismatches.add(
            "The object store "
                + bucket
                + " keeps payloads for "
                + age
                + ", but the messages of stream "
                + options.name()
                + " that name them stay for "
                + (wanted.isZero() ? "ever" : wanted.minus(AGE_MARGIN).toString())
                + ": a node that is away longer than that halts; raise the max-age of stream "
                + bucketStream);
      }
      if (existing.getMaxBytes() > 0) {
        mismatches.add(
            "The object store "
                + bucket
                + " holds at most "
                + existing.getMaxBytes()
                + " bytes: large transactions fail while it is full; it stays as it is");
      }
      bucketExists = true;
      return mismatches;
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() == JetStreamApi.STREAM_NOT_FOUND) {
        return List.of();
      }
      throw api.refused("describe it", e);
    }
  }

  /** Returns how long payloads are to be kept; zero: for ever. */
  private Duration wantedAge() {
    try {
      Duration age = changes.streamInfo().getConfiguration().getMaxAge();
      return age.isZero() ? age : age.plus(AGE_MARGIN);
    } catch (JetStreamApiException e) {
      throw changes.refused("describe it", e);
    }
  }

  @Override
  public void put(String name, InputStream content) throws IOException {
    makeBucket();
    String nuid = UUID.randomUUID().toString().replace("-", "");
    String chunks = NatsObjectStoreUtil.toChunkPrefix(bucket) + nuid;
    boolean stored = false;
    try {
      Digester digester = digester();
      long size = 0;
      long count = 0;
      int length = (int) Math.min(CHUNK_BYTES, connection.client().getMaxPayload());
      for (byte[] chunk = content.readNBytes(length);
          chunk.length > 0;
          chunk = content.readNBytes(length)) {
        digester.update(chunk);
        size += chunk.length;
        count++;
        publish(chunks, null, chunk);
      }
      publish(
          metaSubject(name),
          new Headers()
              .add(NatsJetStreamConstants.ROLLUP_HDR, NatsJetStreamConstants.ROLLUP_HDR_SUBJECT),
          ObjectInfo.builder(bucket, name)
              .nuid(nuid)
              .size(size)
              .chunks(count)
              .chunkSize(length)
              .digest(digester.getDigestEntry())
              .modified(ZonedDateTime.now(ZoneOffset.UTC))
              .build()
              .toJson()
              .getBytes(StandardCharsets.UTF_8));
      stored = true;
    } finally {
      if (!stored) {
        purgeQuietly(chunks);
      }
    }
  }

  private void makeBucket() {
    if (bucketExists) {
      return;
    }
    try {
      api.createStream(
          ObjectStoreConfiguration.builder(bucket)
              .description("HA SQLite: transactions that are too large for a message")
              .storageType(StorageType.File)
              .replicas(options.replicas())
              .ttl(wantedAge())
              .build()
              .getBackingConfig());
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() != JetStreamApi.STREAM_NAME_IN_USE) {
        throw api.refused("make it", e);
      }
    }
    bucketExists = true;
  }

  private void publish(String subject, @Nullable Headers headers, byte[] body) {
    try {
      new PublishAck(connection.request(subject, headers, body, options.requestTimeout()));
    } catch (RequestFailedException e) {
      // Whatever became of this message: without the last one of all nothing can be read.
      if (e.reason() == RequestFailedException.Reason.NO_RESPONDERS) {
        bucketExists = false;
      }
      throw new StreamException(
          "The object store " + bucket + " did not take a payload: " + e.getMessage(), true, e);
    } catch (JetStreamApiException | IOException e) {
      throw new StreamException(
          "The object store " + bucket + " refused a payload: " + e.getMessage(), true, e);
    }
  }

  @Override
  public boolean get(String name, OutputStream target) throws IOException {
    Optional<ObjectInfo> described = describe(name);
    if (described.isEmpty()) {
      return false;
    }
    String chunks = NatsObjectStoreUtil.toChunkPrefix(bucket) + described.get().getNuid();
    long last = 0;
    for (long read = 0; read < described.get().getChunks(); read++) {
      Optional<MessageInfo> chunk = api.message(MessageGetRequest.nextForSubject(last + 1, chunks));
      if (chunk.isEmpty()) {
        return false;
      }
      last = chunk.get().getSeq();
      byte[] bytes = chunk.get().getData();
      if (bytes != null) {
        target.write(bytes);
      }
    }
    return true;
  }

  private Optional<ObjectInfo> describe(String name) {
    try {
      return api.message(MessageGetRequest.lastForSubject(metaSubject(name)))
          .map(ObjectInfo::new)
          .filter(info -> !info.isDeleted());
    } catch (StreamException e) {
      if (e.getCause() instanceof JetStreamApiException refused
          && refused.getApiErrorCode() == JetStreamApi.STREAM_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public void delete(String name) {
    Optional<ObjectInfo> described = describe(name);
    if (described.isPresent()) {
      api.purge(metaSubject(name));
      api.purge(NatsObjectStoreUtil.toChunkPrefix(bucket) + described.get().getNuid());
    }
  }

  private void purgeQuietly(String chunks) {
    try {
      api.purge(chunks);
    } catch (StreamException e) {
      LOG.debug("What was stored of a payload in {} is left to expire", bucket, e);
    }
  }

  private String metaSubject(String name) {
    return NatsObjectStoreUtil.toMetaPrefix(bucket) + NatsObjectStoreUtil.encodeForSubject(name);
  }

  private static Digester digester() {
    try {
      return new Digester();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JVM has SHA-256", e);
    }
  }
}
