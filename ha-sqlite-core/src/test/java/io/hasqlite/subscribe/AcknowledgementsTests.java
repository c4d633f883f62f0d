package io.hasqlite.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.stream.ChangeConsumer;
import io.hasqlite.stream.StreamMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AcknowledgementsTests {

  private static final Duration IDLE = Duration.ofSeconds(1);

  private final List<Long> sent = new ArrayList<>();
  private final Acknowledgements acknowledgements = new Acknowledgements(new Recorder());

  @Test
  void whatComesAfterAPauseIsSentAtOnce() {
    acknowledgements.applied(7);
    assertThat(sent).containsExactly(7L);
    assertThat(acknowledgements.send()).isFalse();
    assertThat(acknowledgements.patience(IDLE)).isEqualTo(IDLE);
  }

  @Test
  void whatFollowsIsSentEachTenMilliseconds() {
    long start = System.nanoTime();
    long last = 0;
    while (sent.size() < 4) {
      acknowledgements.applied(++last);
    }
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000);
    assertThat(sent).startsWith(1L).endsWith(last);
  }

  @Test
  void whoWaitsForMessagesSendsTheRestInTime() {
    long last = 0;
    while (last < 1_000 && (last == 0 || !sent.isEmpty())) {
      sent.clear();
      acknowledgements.applied(++last);
    }
    assertThat(acknowledgements.patience(IDLE)).isBetween(Duration.ZERO, Duration.ofMillis(10));
    assertThat(acknowledgements.send()).isTrue();
    assertThat(acknowledgements.send()).isFalse();
    assertThat(sent).containsExactly(last);
    assertThat(acknowledgements.patience(IDLE)).isEqualTo(IDLE);
  }

  private final class Recorder implements ChangeConsumer {
    @Override
    public List<StreamMessage> next(int max, Duration wait) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void acknowledge(long sequence) {
      sent.add(sequence);
    }

    @Override
    public void close() {}
  }
}
