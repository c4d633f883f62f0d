package io.hasqlite.boot.autoconfigure;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.hasqlite.changeset.ChangeSetInterceptor;
import io.hasqlite.engine.EngineListener;
import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.HaSqliteOptions;

/** Makes options and pool of a database, the default one and a named one alike. */
final class HaSqliteFactory {

  private HaSqliteFactory() {}

  /** Adds what the application's beans say; before the customizers, which have the last word. */
  static void addBeans(HaSqliteOptions.Builder options, DatabaseBeans beans) {
    options.interceptor(beans.one(ChangeSetInterceptor.class));
    options.listener(new CompositeEngineListener(beans.all(EngineListener.class)));
    WaitFor waitFor = beans.one(WaitFor.class);
    if (waitFor != null) {
      options.waitFor(waitFor.gate());
    }
  }

  static HaSqliteOptions customized(HaSqliteOptions.Builder options, DatabaseBeans beans) {
    beans.all(HaSqliteCustomizer.class).forEach(customizer -> customizer.customize(options));
    return options.build();
  }

  static HikariDataSource pool(HaSqlite database, HikariConfig settings) {
    HikariConfig pool = new HikariConfig();
    settings.copyStateTo(pool);
    pool.setDataSource(database.dataSource());
    if (pool.getPoolName() == null) {
      pool.setPoolName("ha-sqlite-" + database.options().databaseName());
    }
    if (pool.getExceptionOverride() == null && pool.getExceptionOverrideClassName() == null) {
      pool.setExceptionOverride(new HaSqliteExceptionOverride());
    }
    return new HikariDataSource(pool);
  }
}
