package io.hasqlite.boot.jpa;

import java.util.concurrent.atomic.AtomicBoolean;
import org.hibernate.LockMode;
import org.hibernate.LockOptions;
import org.hibernate.Locking;
import org.hibernate.community.dialect.SQLiteDialect;
import org.hibernate.dialect.lock.LockingStrategy;
import org.hibernate.dialect.temptable.StandardLocalTemporaryTableStrategy;
import org.hibernate.dialect.temptable.TemporaryTableKind;
import org.hibernate.dialect.temptable.TemporaryTableStrategy;
import org.hibernate.engine.jdbc.dialect.spi.DialectResolutionInfo;
import org.hibernate.metamodel.mapping.EntityMappingType;
import org.hibernate.metamodel.spi.RuntimeModelCreationContext;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.query.sqm.mutation.internal.temptable.LocalTemporaryTableInsertStrategy;
import org.hibernate.query.sqm.mutation.internal.temptable.LocalTemporaryTableMutationStrategy;
import org.hibernate.query.sqm.mutation.spi.SqmMultiTableInsertStrategy;
import org.hibernate.query.sqm.mutation.spi.SqmMultiTableMutationStrategy;
import org.hibernate.sql.ast.spi.LockingClauseStrategy;
import org.hibernate.sql.ast.tree.select.QuerySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hibernate's dialect for SQLite, with two differences. What Hibernate keeps for the length of a
 * bulk operation is in temporary tables, which stay on their node; the community dialect has
 * ordinary tables for it. And a pessimistic lock, which SQLite cannot take, is ignored with a
 * warning instead of silently.
 */
public final class HaSqliteDialect extends SQLiteDialect {

  private static final Logger log = LoggerFactory.getLogger(HaSqliteDialect.class);

  private final AtomicBoolean warned = new AtomicBoolean();

  /** Creates the dialect for the SQLite that is used. */
  public HaSqliteDialect(DialectResolutionInfo info) {
    super(info);
  }

  @Override
  public LockingClauseStrategy getLockingClauseStrategy(QuerySpec query, LockOptions options) {
    warnOf(options.getLockMode());
    return super.getLockingClauseStrategy(query, options);
  }

  @Override
  public LockingStrategy getLockingStrategy(
      EntityPersister lockable, LockMode mode, Locking.Scope scope) {
    warnOf(mode);
    return super.getLockingStrategy(lockable, mode, scope);
  }

  private void warnOf(LockMode mode) {
    if ((mode == LockMode.PESSIMISTIC_READ
            || mode == LockMode.PESSIMISTIC_WRITE
            || mode == LockMode.UPGRADE_NOWAIT
            || mode == LockMode.UPGRADE_SKIPLOCKED)
        && warned.compareAndSet(false, true)) {
      log.warn(
          "The lock {} has no effect: SQLite locks no rows. A transaction that may write is alone on"
              + " its node anyway; against other nodes use @Version, or isolation REPEATABLE_READ",
          mode);
    }
  }

  @Override
  public TemporaryTableKind getSupportedTemporaryTableKind() {
    return TemporaryTableKind.LOCAL;
  }

  @Override
  public TemporaryTableStrategy getLocalTemporaryTableStrategy() {
    return TemporaryTables.INSTANCE;
  }

  @Override
  public SqmMultiTableMutationStrategy getFallbackSqmMutationStrategy(
      EntityMappingType entity, RuntimeModelCreationContext context) {
    return new LocalTemporaryTableMutationStrategy(entity, context);
  }

  @Override
  public SqmMultiTableInsertStrategy getFallbackSqmInsertStrategy(
      EntityMappingType entity, RuntimeModelCreationContext context) {
    return new LocalTemporaryTableInsertStrategy(entity, context);
  }

  private static final class TemporaryTables extends StandardLocalTemporaryTableStrategy {

    static final TemporaryTables INSTANCE = new TemporaryTables();

    @Override
    public String getTemporaryTableCreateCommand() {
      return "create temporary table if not exists";
    }

    @Override
    public String getTemporaryTableDropCommand() {
      return "drop table if exists";
    }
  }
}
