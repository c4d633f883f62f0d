package io.hasqlite.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The answers to one marker, in the order of the stream. */
final class Comparison {

  /** What the answers say about one node. */
  enum Verdict {
    /** It agrees with all that answered, or with most of all nodes. */
    EQUAL,
    /** No more agree with it than agree on something else. */
    DIFFERENT,
    /** Nobody else has answered, or those who have not may decide it. */
    OPEN
  }

  private final long sequence;
  private final @Nullable Range range;
  private final Map<String, List<Digest>> answers = new LinkedHashMap<>();
  private @Nullable String revealedBy;

  Comparison(long sequence, @Nullable Range range) {
    this.sequence = sequence;
    this.range = range;
  }

  long sequence() {
    return sequence;
  }

  @Nullable Range range() {
    return range;
  }

  /** Adds a node's first answer; later ones are of no interest. */
  void add(String node, List<Digest> answer) {
    if (answers.containsKey(node)) {
      return;
    }
    if (revealedBy == null
        && answers.values().stream()
            .anyMatch(other -> !DatabaseDigest.differences(other, answer).isEmpty())) {
      revealedBy = node;
    }
    answers.put(node, answer);
  }

  /** Returns the node whose answer was the first that differed; null while all are equal. */
  @Nullable String revealedBy() {
    return revealedBy;
  }

  int count() {
    return answers.size();
  }

  /**
   * Judges a node.
   *
   * @param nodes how many nodes there are, as far as is known
   * @param last whether no more answers are waited for
   */
  Verdict judge(String node, int nodes, boolean last) {
    List<Digest> own = answers.get(node);
    if (own == null || answers.size() < 2) {
      return Verdict.OPEN;
    }
    int same = agreeing(own).size();
    if (same == answers.size() || 2 * same > nodes) {
      return Verdict.EQUAL;
    }
    int others =
        answers.values().stream()
            .filter(answer -> !isSame(answer, own))
            .mapToInt(answer -> agreeing(answer).size())
            .max()
            .orElse(0);
    if (!last && answers.size() < nodes && 2 * others <= nodes) {
      return Verdict.OPEN;
    }
    return others >= same ? Verdict.DIFFERENT : Verdict.EQUAL;
  }

  private static boolean isSame(List<Digest> one, List<Digest> another) {
    return DatabaseDigest.differences(one, another).isEmpty();
  }

  private List<String> agreeing(List<Digest> answer) {
    List<String> nodes = new ArrayList<>();
    answers.forEach(
        (node, other) -> {
          if (isSame(other, answer)) {
            nodes.add(node);
          }
        });
    return nodes;
  }

  /** Returns the nodes that answer something else than a node. */
  List<String> differingFrom(String node) {
    List<String> nodes = new ArrayList<>(answers.keySet());
    nodes.removeAll(agreeing(answers.getOrDefault(node, List.of())));
    return nodes;
  }

  /** Returns the names that not all answers have alike, in order. */
  List<String> differences() {
    TreeSet<String> names = new TreeSet<>();
    List<Digest> first = null;
    for (List<Digest> answer : answers.values()) {
      if (first != null) {
        names.addAll(DatabaseDigest.differences(first, answer));
      }
      first = first == null ? answer : first;
    }
    return List.copyOf(names);
  }

  /** Returns the most rows that an answer has under a name. */
  long rows(String name) {
    return answers.values().stream()
        .flatMap(List::stream)
        .filter(digest -> digest.name().equals(name))
        .mapToLong(Digest::rows)
        .max()
        .orElse(0);
  }
}
