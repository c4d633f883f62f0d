package io.hasqlite.sample;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the charts show: the lag and the throughput of each node in the last two minutes. */
final class History {

  static final int SAMPLES_MAX = 120;

  private final Deque<Sample> samples = new ArrayDeque<>();

  private record Sample(long atMillis, Map<String, Member> members) {}

  /**
   * A line of a chart for each node; a node that was not known at a time has null there.
   *
   * @param at the times, in milliseconds
   * @param lag by node: how many messages it was behind
   * @param perSecond by node: how many messages it counted in a second
   */
  record Lines(
      List<Long> at,
      Map<String, List<@Nullable Long>> lag,
      Map<String, List<@Nullable Double>> perSecond) {}

  synchronized void add(long atMillis, List<Member> members) {
    if (samples.size() == SAMPLES_MAX) {
      samples.removeFirst();
    }
    Map<String, Member> byName = new HashMap<>();
    members.forEach(member -> byName.put(member.name(), member));
    samples.addLast(new Sample(atMillis, byName));
  }

  synchronized Lines lines() {
    List<Long> at = samples.stream().map(Sample::atMillis).toList();
    Map<String, List<@Nullable Long>> lag = new TreeMap<>();
    Map<String, List<@Nullable Double>> perSecond = new TreeMap<>();
    for (Sample sample : samples) {
      for (String name : sample.members().keySet()) {
        lag.computeIfAbsent(name, this::lagOf);
        perSecond.computeIfAbsent(name, this::perSecondOf);
      }
    }
    return new Lines(at, lag, perSecond);
  }

  private List<@Nullable Long> lagOf(String name) {
    List<@Nullable Long> line = new ArrayList<>();
    for (Sample sample : samples) {
      Member member = sample.members().get(name);
      line.add(member == null ? null : member.lagMessages());
    }
    return line;
  }

  private List<@Nullable Double> perSecondOf(String name) {
    List<@Nullable Double> line = new ArrayList<>();
    Sample before = null;
    for (Sample sample : samples) {
      line.add(before == null ? null : perSecond(before, sample, name));
      before = sample;
    }
    return line;
  }

  private static @Nullable Double perSecond(Sample before, Sample now, String name) {
    Member first = before.members().get(name);
    Member last = now.members().get(name);
    long millis = now.atMillis() - before.atMillis();
    if (first == null || last == null || millis <= 0) {
      return null;
    }
    // Whose figures they are may change, and then they may go back a little.
    long messages = Math.max(0, last.position() - first.position());
    return Math.round(messages * 10_000.0 / millis) / 10.0;
  }
}
