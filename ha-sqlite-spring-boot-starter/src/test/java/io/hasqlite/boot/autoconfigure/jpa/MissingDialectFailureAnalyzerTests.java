package io.hasqlite.boot.autoconfigure.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import org.hibernate.HibernateException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MissingDialectFailureAnalyzerTests {

  @Test
  @DisplayName("Without the module of dialects the start says which dependency to add")
  void saysWhatToAdd() {
    HibernateException failure =
        new HibernateException(
            "Unable to determine Dialect for SQLite 3.53 (please set 'hibernate.dialect' or register"
                + " a Dialect resolver)");

    assertThat(
            new MissingDialectFailureAnalyzer().analyze(new RuntimeException(failure)).getAction())
        .contains("org.hibernate.orm:hibernate-community-dialects");
    assertThat(
            new MissingDialectFailureAnalyzer()
                .analyze(new RuntimeException(new HibernateException("another"))))
        .isNull();
  }
}
