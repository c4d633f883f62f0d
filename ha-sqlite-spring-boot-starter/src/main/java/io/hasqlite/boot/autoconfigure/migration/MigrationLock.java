package io.hasqlite.boot.autoconfigure.migration;

import io.hasqlite.boot.autoconfigure.HaSqliteProperties;
import io.hasqlite.engine.Databases;
import io.hasqlite.engine.FenceOptions;
import io.hasqlite.engine.HaSqlite;
import io.hasqlite.jdbc.HaDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs migrations while no other node commits, and again where a message of another node that was
 * under way came in between: as after a crash, what was committed is not done twice.
 */
final class MigrationLock {

  private static final Logger log = LoggerFactory.getLogger(MigrationLock.class);

  private static final int ATTEMPTS_MAX = 5;

  /** Another node's message came first, or it is not known whether ours arrived. */
  private static final Set<String> RETRYABLE = Set.of("40001", "08007");

  private final HaSqliteProperties.MigrationLock properties;

  MigrationLock(HaSqliteProperties.MigrationLock properties) {
    this.properties = properties;
  }

  /** What changes a database. */
  interface Migration {
    void run() throws Exception;
  }

  /**
   * Runs a migration; without a lock where its data source is not that of a replicated database.
   *
   * @param tool the tool's name, for people
   */
  void run(String tool, @Nullable DataSource dataSource, Migration migration) throws Exception {
    Optional<HaSqlite> database = dataSource == null ? Optional.empty() : find(dataSource);
    if (database.isEmpty()) {
      migration.run();
      return;
    }
    FenceOptions fence = new FenceOptions(tool, properties.timeout(), properties.expiry());
    for (int attempt = 1; ; attempt++) {
      try {
        database
            .get()
            .exclusively(
                fence,
                () -> {
                  migration.run();
                  return null;
                });
        return;
      } catch (Exception e) {
        if (attempt == ATTEMPTS_MAX || !isRetryable(e)) {
          throw e;
        }
        log.info("{} is run again, since another node came in between: {}", tool, e.toString());
      }
    }
  }

  /** Finds the database of a data source that takes part in the order of transactions. */
  private static Optional<HaSqlite> find(DataSource dataSource) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      // A pool knows what is below it only after its first connection.
      if (!dataSource.isWrapperFor(HaDataSource.class)) {
        return Optional.empty();
      }
    }
    HaDataSource own = dataSource.unwrap(HaDataSource.class);
    return Databases.all().stream()
        .filter(database -> database.dataSource() == own && database.isOrdered())
        .findFirst();
  }

  static boolean isRetryable(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql
          && RETRYABLE.contains(String.valueOf(sql.getSQLState()))) {
        return true;
      }
    }
    return false;
  }
}
