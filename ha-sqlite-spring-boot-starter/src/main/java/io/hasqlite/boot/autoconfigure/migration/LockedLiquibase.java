package io.hasqlite.boot.autoconfigure.migration;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import liquibase.integration.spring.SpringLiquibase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;

/**
 * Stands in for a Liquibase bean while it is initialised, which is when it migrates: then no other
 * node commits.
 */
final class LockedLiquibase implements InitializingBean {

  private static final Logger log = LoggerFactory.getLogger(LockedLiquibase.class);

  private static final String TABLE_DEFAULT = "DATABASECHANGELOGLOCK";

  private final MigrationLock lock;
  private final SpringLiquibase liquibase;

  LockedLiquibase(MigrationLock lock, SpringLiquibase liquibase) {
    this.lock = lock;
    this.liquibase = liquibase;
  }

  SpringLiquibase liquibase() {
    return liquibase;
  }

  @Override
  public void afterPropertiesSet() throws Exception {
    DataSource dataSource = liquibase.getDataSource();
    lock.run(
        "Liquibase",
        dataSource,
        () -> {
          releaseLockOfTheDead(dataSource);
          liquibase.afterPropertiesSet();
        });
  }

  /**
   * Liquibase's own lock is a row, which all nodes have. Whoever sees it taken in here sees that of
   * a process that is gone, and would wait for it in vain.
   */
  private void releaseLockOfTheDead(DataSource dataSource) throws SQLException {
    String name = liquibase.getDatabaseChangeLogLockTable();
    String table = name == null ? TABLE_DEFAULT : name;
    try (Connection connection = dataSource.getConnection();
        ResultSet found = connection.getMetaData().getTables(null, null, table, null)) {
      if (!found.next()) {
        return;
      }
      String quoted = '"' + table.replace("\"", "\"\"") + '"';
      try (Statement statement = connection.createStatement()) {
        int released =
            statement.executeUpdate(
                "UPDATE "
                    + quoted
                    + " SET LOCKED = 0, LOCKEDBY = NULL, LOCKGRANTED = NULL WHERE LOCKED <> 0");
        if (released > 0) {
          log.warn("Liquibase's lock in {} was left by a process that is gone; released", table);
        }
      }
    }
  }
}
