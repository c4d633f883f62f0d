package io.hasqlite.boot.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.jdbc.core.dialect.JdbcArrayColumns;
import org.springframework.data.jdbc.core.dialect.JdbcDialect;
import org.springframework.data.relational.core.dialect.AbstractDialect;
import org.springframework.data.relational.core.dialect.IdGeneration;
import org.springframework.data.relational.core.dialect.LimitClause;
import org.springframework.data.relational.core.dialect.LockClause;
import org.springframework.data.relational.core.dialect.OrderByNullPrecedence;
import org.springframework.data.relational.core.dialect.PostgresDialect;
import org.springframework.data.relational.core.sql.IdentifierProcessing;
import org.springframework.data.relational.core.sql.IdentifierProcessing.LetterCasing;
import org.springframework.data.relational.core.sql.IdentifierProcessing.Quoting;
import org.springframework.data.relational.core.sql.LockOptions;
import org.springframework.data.relational.core.sql.render.UpsertRenderContext;

/**
 * SQLite for Spring Data JDBC. Dates and times are kept as the driver does it, as milliseconds
 * since 1970; UUIDs as text. What was written as ISO text is read, too.
 */
public final class SqliteJdbcDialect extends AbstractDialect implements JdbcDialect {

  /** The dialect. */
  public static final SqliteJdbcDialect INSTANCE = new SqliteJdbcDialect();

  private static final Logger log = LoggerFactory.getLogger(SqliteJdbcDialect.class);

  private final AtomicBoolean warned = new AtomicBoolean();

  SqliteJdbcDialect() {}

  @Override
  public String getName() {
    return "SQLite";
  }

  @Override
  public IdentifierProcessing getIdentifierProcessing() {
    return IdentifierProcessing.create(Quoting.ANSI, LetterCasing.AS_IS);
  }

  @Override
  public IdGeneration getIdGeneration() {
    return new IdGeneration() {
      @Override
      public boolean sequencesSupported() {
        return false;
      }
    };
  }

  @Override
  public LimitClause limit() {
    return new LimitClause() {
      @Override
      public String getLimit(long limit) {
        return "LIMIT " + limit;
      }

      @Override
      public String getOffset(long offset) {
        return "LIMIT -1 OFFSET " + offset;
      }

      @Override
      public String getLimitOffset(long limit, long offset) {
        return "LIMIT " + limit + " OFFSET " + offset;
      }

      @Override
      public Position getClausePosition() {
        return Position.AFTER_ORDER_BY;
      }
    };
  }

  /** Rows cannot be locked: a transaction that may write has the whole database of its node. */
  @Override
  public LockClause lock() {
    return new LockClause() {
      @Override
      public String getLock(LockOptions options) {
        if (warned.compareAndSet(false, true)) {
          log.warn(
              "@Lock has no effect: SQLite locks no rows. A transaction that may write is alone on"
                  + " its node anyway; against other nodes use isolation REPEATABLE_READ");
        }
        return "";
      }

      @Override
      public Position getClausePosition() {
        return Position.AFTER_ORDER_BY;
      }
    };
  }

  @Override
  public JdbcArrayColumns getArraySupport() {
    return JdbcArrayColumns.Unsupported.INSTANCE;
  }

  @Override
  public OrderByNullPrecedence orderByNullHandling() {
    return OrderByNullPrecedence.SQL_STANDARD;
  }

  /** SQLite took its ON CONFLICT from PostgreSQL. */
  @Override
  public UpsertRenderContext getUpsertRenderContext() {
    return PostgresDialect.INSTANCE.getUpsertRenderContext();
  }

  @Override
  public Set<Class<?>> simpleTypes() {
    return Set.of(UUID.class);
  }

  @Override
  public Collection<Object> getConverters() {
    List<Object> converters = new ArrayList<>(super.getConverters());
    converters.addAll(SqliteConverters.all());
    return converters;
  }
}
