package io.hasqlite.boot.autoconfigure;

import com.zaxxer.hikari.HikariDataSource;
import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.HaSqliteOptions;
import io.hasqlite.publish.CdcPublisher;
import io.hasqlite.snapshot.DbSnapshotter;
import io.hasqlite.subscribe.CdcSubscriber;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** The named databases; their beans are made by its methods. */
final class HaSqliteDatabases {

  private final Map<String, HaSqliteProperties> properties = new LinkedHashMap<>();
  private final HaSqliteServer server;
  private final ListableBeanFactory beans;

  /**
   * Reads the properties of all databases.
   *
   * @param defaultOptions the default database; null if there is none
   * @throws InvalidPropertyException if one cannot work, or if two databases are the same one
   */
  HaSqliteDatabases(
      Environment environment,
      HaSqliteServer server,
      @Nullable HaSqliteOptions defaultOptions,
      ListableBeanFactory beans) {
    this.server = server;
    this.beans = beans;
    Map<String, String> owners = new HashMap<>();
    if (defaultOptions != null) {
      owners.put(defaultOptions.databaseName().token(), "The default database");
    }
    NamedDatabaseProperties named = new NamedDatabaseProperties(environment);
    for (String name : named.names()) {
      properties.put(name, named.of(name));
      String cdcId = map(name).build().databaseName().token();
      String owner = owners.putIfAbsent(cdcId, "The database \"" + name + "\"");
      if (owner != null) {
        throw new InvalidPropertyException(
            owner
                + " and the database \""
                + name
                + "\" have the same name in the stream, \""
                + cdcId
                + "\" (by default that is the file's name). Set "
                + NamedDatabaseProperties.prefix(name)
                + "cdc-id to another one, the same on all nodes",
            null);
      }
    }
  }

  private HaSqliteOptions.Builder map(String name) {
    return new HaSqliteOptionsMapper(NamedDatabaseProperties.prefix(name), of(name), server).map();
  }

  private HaSqliteProperties of(String name) {
    return Objects.requireNonNull(properties.get(name));
  }

  HaSqlite open(String name) {
    DatabaseBeans own = DatabaseBeans.ofNamed(beans, name);
    HaSqliteOptions.Builder options = map(name);
    HaSqliteFactory.addBeans(options, own);
    options.publisher(own.one(CdcPublisher.class));
    options.subscriber(own.one(CdcSubscriber.class));
    options.snapshotter(own.one(DbSnapshotter.class));
    return HaSqlite.open(HaSqliteFactory.customized(options, own));
  }

  HikariDataSource pool(String name, HaSqlite database) {
    return HaSqliteFactory.pool(database, of(name).hikari());
  }

  JdbcTransactionManager transactionManager(DataSource pool) {
    return new JdbcTransactionManager(pool);
  }
}
