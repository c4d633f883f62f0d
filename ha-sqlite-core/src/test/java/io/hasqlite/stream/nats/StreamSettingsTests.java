package io.hasqlite.stream.nats;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamSettingsTests {

  @ParameterizedTest
  @CsvSource({
    "ha.>, ha.app, true",
    "ha.>, ha.app.x, true",
    "ha.>, ha, false",
    ">, ha.app, true",
    "ha.*, ha.app, true",
    "ha.*, ha.app.x, false",
    "*.app, ha.app, true",
    "ha.app, ha.app, true",
    "ha.app, ha.ap, false",
    "ha.app, ha.app.x, false",
    "ha.app.x, ha.app, false"
  })
  void subjectPatternsMatchAsInNats(String pattern, String subject, boolean matches) {
    assertThat(StreamSettings.covers(pattern, subject)).isEqualTo(matches);
  }
}
