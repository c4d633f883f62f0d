package io.hasqlite.testing;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.Transaction;
import io.hasqlite.engine.HaSqlite;
import io.hasqlite.engine.HaSqliteOptions;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A database without a network, whose changesets are kept instead of published. */
public final class LocalWriter implements AutoCloseable {

  private final List<ChangeSet> published = new ArrayList<>();
  private final HaSqlite engine;
  private final Connection connection;

  private LocalWriter(HaSqliteOptions options) throws SQLException {
    this.engine = HaSqlite.open(options);
    this.connection = engine.dataSource().getConnection();
  }

  /** Opens a new database. */
  public static LocalWriter open(Path file, UnaryOperator<HaSqliteOptions.Builder> changes)
      throws SQLException {
    List<LocalWriter> opened = new ArrayList<>();
    HaSqliteOptions options =
        changes
            .apply(
                HaSqliteOptions.builder(file)
                    .nodeName("writer")
                    .publisher(changeSet -> opened.get(0).published.add(copy(changeSet))))
            .build();
    LocalWriter writer = new LocalWriter(options);
    opened.add(writer);
    return writer;
  }

  /** What is large can only be read while it is published. */
  private static ChangeSet copy(ChangeSet changeSet) {
    return changeSet.withTransactions(
        changeSet.transactions().stream()
            .map(t -> new Transaction(t.number(), t.baseSequence(), List.copyOf(t.changes())))
            .toList());
  }

  /** Opens a new database with nothing special. */
  public static LocalWriter open(Path file) throws SQLException {
    return open(file, UnaryOperator.identity());
  }

  /** Returns the engine. */
  public HaSqlite engine() {
    return engine;
  }

  /** Returns the connection that {@link #run} and {@link #transaction} use. */
  public Connection connection() {
    return connection;
  }

  /** Opens another connection. */
  public Connection connect() throws SQLException {
    return engine.dataSource().getConnection();
  }

  /** Runs statements in auto-commit mode, each for itself. */
  public LocalWriter run(String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
    return this;
  }

  /** Runs statements in one transaction. */
  public LocalWriter transaction(String... statements) throws SQLException {
    connection.setAutoCommit(false);
    try {
      run(statements);
      connection.commit();
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
    return this;
  }

  /** Returns what was published since this was asked last. */
  public List<ChangeSet> takeChangeSets() {
    List<ChangeSet> taken = List.copyOf(published);
    published.clear();
    return taken;
  }

  /** Returns the changes that were published since this was asked last. */
  public List<Change> take() {
    return takeChangeSets().stream().flatMap(changeSet -> changeSet.changes().stream()).toList();
  }

  /** Returns the changes that were published since this was asked last, as texts. */
  public List<String> takeTexts() {
    return take().stream().map(Change::toString).toList();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
    engine.close();
  }
}
