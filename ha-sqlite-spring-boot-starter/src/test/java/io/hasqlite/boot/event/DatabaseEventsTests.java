package io.hasqlite.boot.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.apply.AppliedChanges;
import io.hasqlite.apply.ChangedTable;
import io.hasqlite.testing.Eventually;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DatabaseEventsTests {

  private final List<ChangeSetAppliedEvent> heard = new CopyOnWriteArrayList<>();
  private final CountDownLatch open = new CountDownLatch(1);
  private DatabaseEvents events = new DatabaseEvents("app.db", heard::add);

  @AfterEach
  void stop() {
    open.countDown();
    events.stop();
  }

  private static AppliedChanges changes(long sequence, String table, int keys) {
    List<Map<String, Object>> all =
        java.util.stream.IntStream.range(0, keys)
            .mapToObj(i -> Map.<String, Object>of("id", (long) i))
            .toList();
    return new AppliedChanges(
        sequence,
        new Origin(new NodeId("n" + sequence % 2), 1),
        Instant.EPOCH,
        List.of(new ChangedTable(table, keys, all, true)),
        false);
  }

  @Test
  @DisplayName("What is applied before the start waits for it, and comes in order")
  void eventsWaitForTheStart() throws Exception {
    events.visible(changes(1, "a", 1));
    events.visible(changes(2, "b", 1));
    assertThat(heard).isEmpty();

    events.start();

    Eventually.holds(
        () ->
            assertThat(heard).extracting(ChangeSetAppliedEvent::sequence).containsExactly(1L, 2L));
    assertThat(heard.get(0).keys("A")).contains(List.of(Map.of("id", 0L)));
    assertThat(heard.get(0).keys("b")).contains(List.of());
    assertThat(heard.get(0).mayHaveChanged("b")).isFalse();
    assertThat(heard.get(0).node()).isEqualTo("n1");
  }

  @Test
  @DisplayName("With a listener that hangs, what waits is limited, and no change is left out")
  void slowListenerCombinesEvents() throws Exception {
    blockedAfterTheFirst();
    long last = DatabaseEvents.EVENTS_MAX + 100;
    for (long sequence = 2; sequence <= last; sequence++) {
      events.visible(changes(sequence, "t" + sequence % 3, 1));
    }
    open.countDown();

    Eventually.holds(() -> assertThat(heard.get(heard.size() - 1).sequence()).isEqualTo(last));
    assertThat(heard).hasSize(DatabaseEvents.EVENTS_MAX + 1);
    ChangeSetAppliedEvent combined = heard.get(heard.size() - 1);
    assertThat(combined.node()).isNull();
    for (String table : new String[] {"t0", "t1", "t2"}) {
      assertThat(combined.mayHaveChanged(table)).isTrue();
      assertThat(combined.keys(table)).isEmpty();
    }
    assertThat(combined.mayHaveChanged("other")).isFalse();
    assertThat(combined.keys("other")).contains(List.of());
    assertThat(combined.tables()).extracting(ChangedTable::rows).containsOnly(34L, 33L);
    assertThat(heard.get(1).keys("t2")).isPresent();
  }

  @Test
  @DisplayName("Keys that wait are limited, too, and those that were heard make room")
  void keysAreLimited() throws Exception {
    blockedAfterTheFirst();
    int each = 1_000;
    int all = DatabaseEvents.KEYS_MAX / each + 5;
    for (int i = 0; i < all; i++) {
      events.visible(changes(i + 2, "t", each));
    }
    open.countDown();

    Eventually.holds(() -> assertThat(heard.get(heard.size() - 1).sequence()).isEqualTo(all + 1));
    List<ChangeSetAppliedEvent> waited = heard.subList(1, heard.size());
    assertThat(waited.stream().mapToInt(ChangeSetAppliedEvent::keyCount).sum())
        .isLessThanOrEqualTo(DatabaseEvents.KEYS_MAX);
    assertThat(waited).hasSizeLessThan(all);
    assertThat(waited.subList(0, 9)).allSatisfy(event -> assertThat(event.keys("t")).isPresent());
    assertThat(waited.get(9).keys("t")).isEmpty();
    assertThat(waited.stream().mapToLong(event -> event.tables().get(0).rows()).sum())
        .isEqualTo((long) all * each);

    events.visible(changes(100, "t", each));
    Eventually.holds(() -> assertThat(heard.get(heard.size() - 1).sequence()).isEqualTo(100));
    assertThat(heard.get(heard.size() - 1).keys("t")).isPresent();
  }

  private void blockedAfterTheFirst() throws Exception {
    events =
        new DatabaseEvents(
            "app.db",
            event -> {
              heard.add(event);
              await(open);
            });
    events.start();
    events.visible(changes(1, "t1", 1));
    Eventually.holds(() -> assertThat(heard).hasSize(1));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  @DisplayName("A restore and a change of the schema may have changed everything")
  void everythingMayHaveChanged() throws Exception {
    events.start();
    events.restored(9);
    events.visible(
        new AppliedChanges(10, new Origin(new NodeId("n1"), 1), Instant.EPOCH, List.of(), true));

    Eventually.holds(() -> assertThat(heard).hasSize(2));
    assertThat(heard)
        .allSatisfy(
            event -> {
              assertThat(event.mayHaveChanged("whatever")).isTrue();
              assertThat(event.keys("whatever")).isEmpty();
            });
    assertThat(heard.get(0).node()).isNull();
  }

  @Test
  @DisplayName("After the stop nothing is published, and stopping twice is fine")
  void nothingAfterTheStop() throws Exception {
    events.start();
    events.visible(changes(1, "t", 1));
    Eventually.holds(() -> assertThat(heard).hasSize(1));

    events.stop();
    events.stop();
    events.visible(changes(2, "t", 1));
    assertThat(heard).hasSize(1);

    events.start();
    Eventually.holds(() -> assertThat(heard).hasSize(2));
  }
}
