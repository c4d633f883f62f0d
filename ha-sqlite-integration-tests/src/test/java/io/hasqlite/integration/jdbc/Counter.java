package io.hasqlite.integration.jdbc;

import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;

@Service
class Counter {

  private final JdbcClient jdbc;

  Counter(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  @Retryable(
      includes = ConcurrencyFailureException.class,
      maxRetries = 20,
      delay = 5,
      jitter = 5,
      multiplier = 1.5,
      maxDelay = 200)
  @Transactional(isolation = Isolation.REPEATABLE_READ)
  public long increment(String name) {
    long count =
        jdbc.sql("SELECT count FROM counter WHERE name = ?").param(name).query(Long.class).single();
    jdbc.sql("UPDATE counter SET count = ? WHERE name = ?").params(count + 1, name).update();
    return count + 1;
  }
}
