package io.hasqlite.boot.autoconfigure.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import org.hibernate.HibernateException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MissingDialectFailureAnalyzerTests {

  private static final RuntimeException FAILURE =
      new RuntimeException(
          new HibernateException(
              "Unable to determine Dialect without JDBC metadata (please set...)"));

  @Test
  @DisplayName("Without the module of dialects the start says which dependency to add")
  void saysWhatToAdd() {
    assertThat(new MissingDialectFailureAnalyzer(true).analyze(FAILURE).getAction())
        .contains("org.hibernate.orm:hibernate-community-dialects");
    assertThat(
            new MissingDialectFailureAnalyzer(true)
                .analyze(new RuntimeException(new HibernateException("another"))))
        .isNull();
  }

  @Test
  @DisplayName("With it the failure has another reason")
  void saysNothingOfOtherReasons() {
    assertThat(new MissingDialectFailureAnalyzer().analyze(FAILURE)).isNull();
  }
}
