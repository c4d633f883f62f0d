package io.hasqlite.benchmarks;

/** Writes to the table of the benchmarks: through JDBC, or as a floor does. For one thread. */
interface Writer extends AutoCloseable {

  /** Inserts a row as a transaction by itself. */
  void insert(long id) throws Exception;

  /** Inserts rows as one transaction. */
  void insertAll(long first, int rows) throws Exception;

  /** Updates a row as a transaction by itself. */
  void update(long id, long amount) throws Exception;

  @Override
  void close() throws Exception;
}
