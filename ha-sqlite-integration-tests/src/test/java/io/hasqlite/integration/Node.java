package io.hasqlite.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.engine.HaSqlite;
import io.hasqlite.testing.Content;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** One running instance of an application. */
public record Node(ConfigurableApplicationContext context) implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Returns the application's bean. */
  public <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  /** Returns the first column of a query. */
  public List<String> texts(String sql, Object... arguments) {
    return bean(JdbcClient.class).sql(sql).params(arguments).query(String.class).list();
  }

  /** Waits until this instance has counted all that the other one has. */
  public void awaitAllOf(Node other) {
    long position = other.bean(HaSqlite.class).status().position();
    try {
      assertThat(bean(HaSqlite.class).await(position, PATIENCE))
          .as("%s against %s", bean(HaSqlite.class).status(), position)
          .isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Waits for each other, and compares schema and rows. */
  public void assertSameAs(Node other) throws SQLException {
    awaitAllOf(other);
    other.awaitAllOf(this);
    try (Connection mine = bean(DataSource.class).getConnection();
        Connection theirs = other.bean(DataSource.class).getConnection()) {
      assertThat(Content.of(mine)).isEqualTo(Content.of(theirs)).isNotEmpty();
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
