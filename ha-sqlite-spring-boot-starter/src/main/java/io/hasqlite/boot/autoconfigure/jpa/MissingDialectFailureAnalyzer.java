package io.hasqlite.boot.autoconfigure.jpa;

import org.hibernate.HibernateException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.util.ClassUtils;

/** Tells what to add where Hibernate knows no dialect for SQLite: it is in a module of its own. */
final class MissingDialectFailureAnalyzer extends AbstractFailureAnalyzer<HibernateException> {

  private static final String DIALECT = "org.hibernate.community.dialect.SQLiteDialect";

  private final boolean missing;

  MissingDialectFailureAnalyzer() {
    this(!ClassUtils.isPresent(DIALECT, MissingDialectFailureAnalyzer.class.getClassLoader()));
  }

  MissingDialectFailureAnalyzer(boolean missing) {
    this.missing = missing;
  }

  @Override
  protected @Nullable FailureAnalysis analyze(Throwable rootFailure, HibernateException cause) {
    String message = String.valueOf(cause.getMessage());
    if (!message.contains("determine Dialect") || !missing) {
      return null;
    }
    return new FailureAnalysis(
        "Hibernate finds no dialect for SQLite: " + message,
        "Add the dependency org.hibernate.orm:hibernate-community-dialects (Spring Boot manages its"
            + " version).",
        cause);
  }
}
