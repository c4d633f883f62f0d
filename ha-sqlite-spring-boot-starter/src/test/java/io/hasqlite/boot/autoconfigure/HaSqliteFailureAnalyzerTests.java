package io.hasqlite.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.HaSqliteException;
import io.hasqlite.stream.StreamException;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.io.support.SpringFactoriesLoader;

class HaSqliteFailureAnalyzerTests {

  private final HaSqliteFailureAnalyzer analyzer = new HaSqliteFailureAnalyzer();

  @Test
  void analyzersAreRegistered() {
    assertThat(
            SpringFactoriesLoader.forDefaultResourceLocation()
                .load(FailureAnalyzer.class, (type, name, failure) -> {}))
        .hasAtLeastOneElementOfType(HaSqliteFailureAnalyzer.class)
        .hasAtLeastOneElementOfType(InvalidPropertyFailureAnalyzer.class);
  }

  @Test
  void streamInTheWayOfTheStartLeadsToTheServersSettings() {
    FailureAnalysis analysis =
        analyze(new Refused("no data yet", new StreamException("no server", true, null)));

    assertThat(analysis.getDescription()).isEqualTo("no data yet");
    assertThat(analysis.getAction()).contains("ha.sqlite.nats.url").contains("JetStream");
  }

  @Test
  void streamThatSaysNoLeadsToTheServersSettings() {
    FailureAnalysis analysis = analyze(new StreamException("no JetStream", false, null));

    assertThat(analysis.getDescription()).isEqualTo("no JetStream");
    assertThat(analysis.getAction()).contains("ha.sqlite.nats.url");
  }

  @Test
  void refusedStartIsExplainedByItself() {
    FailureAnalysis analysis = analyze(new Refused("messages 1 to 7 are gone", null));

    assertThat(analysis.getDescription()).isEqualTo("messages 1 to 7 are gone");
    assertThat(analysis.getAction()).contains("Do as the description says");
  }

  @Test
  void otherFailuresAreLeftAlone() {
    assertThat(analyzer.analyze(new IllegalStateException("no"))).isNull();
  }

  private FailureAnalysis analyze(HaSqliteException failure) {
    return analyzer.analyze(new BeanCreationException("haSqlite", failure));
  }

  private static final class Refused extends HaSqliteException {
    private static final long serialVersionUID = 1L;

    Refused(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
