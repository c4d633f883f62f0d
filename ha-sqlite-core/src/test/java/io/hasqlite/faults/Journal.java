package io.hasqlite.faults;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What the clients know of their transactions, kept outside of the nodes. Safe for use by several
 * threads, each with keys of its own.
 */
final class Journal {

  private enum Entry {
    THERE,
    GONE,
    NEVER_THERE,
    UNKNOWN
  }

  /** A counter: the last acknowledged value, and whether one more raise is in doubt. */
  private record Counter(long value, boolean inDoubt) {}

  private final Map<String, Entry> entries = new ConcurrentHashMap<>();
  private final Set<String> notYetHere = ConcurrentHashMap.newKeySet();
  private final Map<String, Counter> counters = new ConcurrentHashMap<>();
  private final LongAdder acknowledged = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder inDoubt = new LongAdder();
  private volatile boolean streamLost;

  /** An entry was to be made. */
  synchronized void inserted(String key, Answer answer) {
    count(answer);
    entries.put(
        key,
        switch (answer.outcome()) {
          case OK -> known(key, Entry.THERE, answer);
          case REFUSED -> Entry.NEVER_THERE;
          case IN_DOUBT -> Entry.UNKNOWN;
        });
  }

  /** An entry that was there was to be removed. */
  synchronized void deleted(String key, Answer answer) {
    count(answer);
    switch (answer.outcome()) {
      case OK -> entries.put(key, known(key, Entry.GONE, answer));
      case REFUSED -> {}
      case IN_DOUBT -> entries.put(key, Entry.UNKNOWN);
    }
  }

  private Entry known(String key, Entry entry, Answer answer) {
    if (answer.isOkHere()) {
      return entry;
    }
    notYetHere.add(key);
    return streamLost ? Entry.UNKNOWN : entry;
  }

  /**
   * The stream is gone, with what was acknowledged and not yet applied on any node; that was said
   * in a warning.
   */
  synchronized void streamIsLost() {
    streamLost = true;
    notYetHere.forEach(key -> entries.put(key, Entry.UNKNOWN));
  }

  /** The stream is begun anew. */
  void streamIsBack() {
    streamLost = false;
  }

  /** A counter is at a value, as was acknowledged, and maybe one further. */
  void counted(long counter, long value, Answer answer) {
    count(answer);
    counters.put(
        String.valueOf(counter),
        new Counter(value, answer.outcome() != Answer.Outcome.REFUSED && !answer.isOkHere()));
  }

  private void count(Answer answer) {
    switch (answer.outcome()) {
      case OK -> acknowledged.increment();
      case REFUSED -> refused.increment();
      case IN_DOUBT -> inDoubt.increment();
    }
  }

  long acknowledged() {
    return acknowledged.sum();
  }

  long refused() {
    return refused.sum();
  }

  long inDoubt() {
    return inDoubt.sum();
  }

  /** What a node has that it should not have, or has not that it should. */
  record Verdict(List<String> lost, List<String> duplicated) {}

  /**
   * Compares with a node.
   *
   * @param found its entries
   * @param values its counters
   */
  Verdict judge(Set<String> found, Map<String, Long> values) {
    Verdict verdict = new Verdict(new ArrayList<>(), new ArrayList<>());
    entries.forEach(
        (key, entry) -> {
          boolean there = found.contains(key);
          if (entry == Entry.THERE && !there) {
            verdict.lost().add("entry " + key + " was acknowledged and is not there");
          } else if (entry == Entry.GONE && there) {
            verdict.duplicated().add("entry " + key + " was removed and came back");
          } else if (entry == Entry.NEVER_THERE && there) {
            verdict.duplicated().add("entry " + key + " was refused and is there");
          }
        });
    for (String key : found) {
      if (!entries.containsKey(key)) {
        verdict.duplicated().add("entry " + key + " was never asked for");
      }
    }
    Map<String, Long> others = new HashMap<>(values);
    counters.forEach((id, counter) -> judge(id, counter, others.remove(id), verdict));
    others.forEach((id, value) -> verdict.duplicated().add("nobody made counter " + id));
    return verdict;
  }

  private static void judge(String id, Counter counter, @Nullable Long found, Verdict verdict) {
    long value = found == null ? -1 : found;
    String text = "counter " + id + " is at " + found + ", acknowledged was " + counter.value();
    if (value < counter.value()) {
      verdict.lost().add(text);
    } else if (value > counter.value() + (counter.inDoubt() ? 1 : 0)) {
      verdict.duplicated().add(text);
    }
  }
}
