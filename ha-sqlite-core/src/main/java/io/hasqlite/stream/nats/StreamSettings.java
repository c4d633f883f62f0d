package io.hasqlite.stream.nats;

import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamOptions;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How a stream is set up by us, and what is wrong with one that somebody else set up. */
final class StreamSettings {

  private StreamSettings() {}

  static StreamConfiguration wanted(StreamOptions options) {
    return StreamConfiguration.builder()
        .name(options.name())
        .description("HA SQLite: changes of all databases")
        .subjects(options.name(), options.name() + ".>")
        .storageType(StorageType.File)
        .retentionPolicy(RetentionPolicy.Limits)
        .discardPolicy(DiscardPolicy.Old)
        .maxAge(options.maxAge())
        .replicas(options.replicas())
        .denyDelete(true)
        .denyPurge(true)
        .build();
  }

  /**
   * Checks an existing stream.
   *
   * @return one sentence for each setting that is not as wanted
   * @throws StreamException if replication cannot work on it
   */
  static List<String> compare(StreamConfiguration existing, StreamOptions options, String subject) {
    String stream = "Stream " + existing.getName();
    if (existing.getSubjects().stream().noneMatch(pattern -> covers(pattern, subject))) {
      throw unusable(
          stream
              + " takes the subjects "
              + existing.getSubjects()
              + " and so not "
              + subject
              + ". Add the subject "
              + options.name()
              + ".> to it, or choose another stream name");
    }
    if (existing.getRetentionPolicy() != RetentionPolicy.Limits) {
      throw unusable(
          stream
              + " forgets messages once they are read (retention "
              + existing.getRetentionPolicy()
              + ", expected "
              + RetentionPolicy.Limits
              + "). Choose another stream name");
    }
    if (existing.getNoAck() || existing.getSealed()) {
      throw unusable(
          stream
              + (existing.getSealed() ? " is sealed" : " does not acknowledge messages (no_ack)")
              + ". Choose another stream name");
    }
    Mismatches found = new Mismatches(stream);
    found.compare("replicas", existing.getReplicas(), options.replicas());
    found.compare("max-age", age(existing.getMaxAge()), age(options.maxAge()));
    found.compare("storage", existing.getStorageType(), StorageType.File);
    found.compare("discard policy", existing.getDiscardPolicy(), DiscardPolicy.Old);
    found.compare("deny delete", existing.getDenyDelete(), true);
    found.compare("deny purge", existing.getDenyPurge(), true);
    found.limit("messages", existing.getMaxMsgs());
    found.limit("bytes", existing.getMaxBytes());
    found.limit("messages of a subject", existing.getMaxMsgsPerSubject());
    return List.copyOf(found.sentences);
  }

  private static StreamException unusable(String sentence) {
    return new StreamException(sentence, false, null);
  }

  private static String age(Duration age) {
    return age.isZero() ? "unlimited" : age.toString();
  }

  /** Tells whether a subject pattern of NATS matches a subject without wildcards. */
  static boolean covers(String pattern, String subject) {
    String[] wanted = pattern.split("\\.");
    String[] tokens = subject.split("\\.");
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i].equals(">")) {
        return tokens.length > i;
      }
      if (i >= tokens.length || !(wanted[i].equals("*") || wanted[i].equals(tokens[i]))) {
        return false;
      }
    }
    return wanted.length == tokens.length;
  }

  private static final class Mismatches {

    private final String stream;
    private final List<String> sentences = new ArrayList<>();

    Mismatches(String stream) {
      this.stream = stream;
    }

    void compare(String setting, Object existing, Object wanted) {
      if (!existing.equals(wanted)) {
        sentences.add(
            stream
                + " has "
                + setting
                + " "
                + existing
                + ", not "
                + wanted
                + "; it stays as it is");
      }
    }

    void limit(String what, long limit) {
      if (limit > 0) {
        sentences.add(
            stream
                + " holds at most "
                + limit
                + " "
                + what
                + ": nodes that are away may miss changes sooner than max-age says; it stays as it"
                + " is");
      }
    }
  }
}
