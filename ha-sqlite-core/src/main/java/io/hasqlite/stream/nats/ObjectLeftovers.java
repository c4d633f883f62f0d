package io.hasqlite.stream.nats;

import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.PurgeOptions;
import io.nats.client.api.MessageGetRequest;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.ObjectInfo;
import io.nats.client.api.StreamInfoOptions;
import io.nats.client.support.NatsObjectStoreUtil;
import java.io.IOException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What crashes left in a bucket of snapshots: chunks that no description names, and descriptions of
 * uploads that never became the latest. An upload that is under way adds to its chunks all the
 * time; by the server's clock, so that no other one matters.
 */
final class ObjectLeftovers {

  private static final Logger log = LoggerFactory.getLogger(ObjectLeftovers.class);

  /** No upload stands still for so long: each of its requests has a time-out of seconds. */
  private static final Duration AGE_MIN = Duration.ofMinutes(10);

  /** Databases have no dot in their names here, uploads have. */
  private static final Pattern UPLOAD = Pattern.compile(".+\\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-.{12}");

  private final JetStreamManagement management;
  private final JetStreamApi api;
  private final String bucket;
  private final Duration ageMin;

  ObjectLeftovers(JetStreamManagement management, JetStreamApi api, String bucket) {
    this(management, api, bucket, AGE_MIN);
  }

  ObjectLeftovers(
      JetStreamManagement management, JetStreamApi api, String bucket, Duration ageMin) {
    this.management = management;
    this.api = api;
    this.bucket = bucket;
    this.ageMin = ageMin;
  }

  /**
   * Removes them.
   *
   * @param newest a message that was just stored, for the time
   */
  void remove(long newest) throws IOException, JetStreamApiException {
    Optional<MessageInfo> now = api.message(MessageGetRequest.forSequence(newest));
    if (now.isEmpty()) {
      return;
    }
    ZonedDateTime oldest = now.get().getTime().minus(ageMin);
    Set<String> used = new HashSet<>();
    for (String subject : subjects(NatsObjectStoreUtil.toMetaStreamSubject(bucket))) {
      Optional<MessageInfo> last = api.message(MessageGetRequest.lastForSubject(subject));
      if (last.isEmpty()) {
        continue;
      }
      ObjectInfo info = new ObjectInfo(last.get());
      if (UPLOAD.matcher(info.getObjectName()).matches() && isOlder(last.get(), oldest)) {
        purge(subject);
        continue;
      }
      used.add(String.valueOf(info.getNuid()));
      if (info.getHeaders() != null && info.getHeaders().getFirst("previous-nuid") != null) {
        used.add(info.getHeaders().getFirst("previous-nuid"));
      }
    }
    String prefix = NatsObjectStoreUtil.toChunkPrefix(bucket);
    for (String subject : subjects(NatsObjectStoreUtil.toChunkStreamSubject(bucket))) {
      if (!used.contains(subject.substring(prefix.length()))
          && api.message(MessageGetRequest.lastForSubject(subject))
              .filter(last -> isOlder(last, oldest))
              .isPresent()) {
        purge(subject);
      }
    }
  }

  private static boolean isOlder(MessageInfo message, ZonedDateTime oldest) {
    return message.getTime().isBefore(oldest);
  }

  private Set<String> subjects(String filter) throws IOException, JetStreamApiException {
    return management
        .getStreamInfo(
            NatsObjectStoreUtil.toStreamName(bucket), StreamInfoOptions.filterSubjects(filter))
        .getStreamState()
        .getSubjectMap()
        .keySet();
  }

  private void purge(String subject) throws IOException, JetStreamApiException {
    management.purgeStream(NatsObjectStoreUtil.toStreamName(bucket), PurgeOptions.subject(subject));
    log.info("Removed what an interrupted upload left in the snapshot store: {}", subject);
  }
}
