package io.hasqlite.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StatementCacheTests {

  private final StatementCache cache = new StatementCache();

  @Test
  void keepsWhatWasUsedLast() {
    cache.put("first", List.of());
    cache.put("second", List.of());
    for (int i = 2; i < StatementCache.ENTRIES_MAX; i++) {
      cache.put("text " + i, List.of());
    }
    assertThat(cache.get("first")).isNotNull();
    cache.put("one too many", List.of());
    assertThat(cache.size()).isEqualTo(StatementCache.ENTRIES_MAX);
    assertThat(cache.get("first")).isNotNull();
    assertThat(cache.get("second")).isNull();
  }

  @Test
  void doesNotKeepLongTexts() {
    cache.put("x".repeat(StatementCache.CHARS_MAX), List.of());
    cache.put("x".repeat(StatementCache.CHARS_MAX + 1), List.of());
    assertThat(cache.size()).isEqualTo(1);
  }

  @Test
  void scannedTextIsScannedOnce() {
    String sql = "SELECT 'scannedTextIsScannedOnce'";
    assertThat(SqlStatement.scanAll(sql)).isSameAs(SqlStatement.scanAll(new String(sql)));
  }

  @Test
  void manyThreadsMayUseIt() throws Exception {
    int threads = 8;
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      Callable<Void> use =
          () -> {
            for (int i = 0; i < 5_000; i++) {
              String sql = "SELECT " + i % 700;
              assertThat(SqlStatement.scanAll(sql).get(0).text()).isEqualTo(sql);
              cache.put(sql, SqlStatement.scanAll(sql));
              List<SqlStatement> found = cache.get(sql);
              assertThat(found == null || found.get(0).text().equals(sql)).isTrue();
            }
            return null;
          };
      for (var done : executor.invokeAll(IntStream.range(0, threads).mapToObj(i -> use).toList())) {
        done.get();
      }
    } finally {
      executor.shutdownNow();
    }
    assertThat(cache.size()).isLessThanOrEqualTo(StatementCache.ENTRIES_MAX);
  }
}
