package io.hasqlite.faults;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What happened in a run, and what it did to the data. Safe for use by several threads. */
final class FaultTable {

  private final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
  private long acknowledged;
  private long refused;
  private long inDoubt;
  private final List<String> lost = new ArrayList<>();
  private final List<String> duplicated = new ArrayList<>();
  private final List<String> diverged = new ArrayList<>();

  synchronized void add(Fault fault) {
    faults.merge(fault, 1, Integer::sum);
  }

  synchronized void add(Journal journal) {
    acknowledged += journal.acknowledged();
    refused += journal.refused();
    inDoubt += journal.inDoubt();
  }

  synchronized void add(String node, Journal.Verdict verdict) {
    verdict.lost().forEach(text -> lost.add(node + ": " + text));
    verdict.duplicated().forEach(text -> duplicated.add(node + ": " + text));
  }

  synchronized void addDiverged(String text) {
    diverged.add(text);
  }

  synchronized int count(Fault fault) {
    return faults.getOrDefault(fault, 0);
  }

  synchronized int total() {
    return faults.values().stream().mapToInt(Integer::intValue).sum();
  }

  synchronized long acknowledged() {
    return acknowledged;
  }

  /** Returns what must not be. */
  synchronized List<String> wrong() {
    List<String> wrong = new ArrayList<>(lost);
    wrong.addAll(duplicated);
    wrong.addAll(diverged);
    return wrong;
  }

  @Override
  public synchronized String toString() {
    StringBuilder text = new StringBuilder();
    for (Fault fault : Fault.values()) {
      line(text, fault.toString(), count(fault));
    }
    line(text, "faults", total());
    line(text, "transactions acknowledged", acknowledged);
    line(text, "transactions refused", refused);
    line(text, "transactions in doubt", inDoubt);
    line(text, "lost", lost.size());
    line(text, "duplicated", duplicated.size());
    line(text, "diverged", diverged.size());
    return text.toString();
  }

  private static void line(StringBuilder text, String what, long count) {
    text.append("| %-46s | %7d |%n".formatted(what, count));
  }
}
