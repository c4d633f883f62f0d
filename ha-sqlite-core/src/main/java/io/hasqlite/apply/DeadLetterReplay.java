package io.hasqlite.apply;

import io.hasqlite.RowIdentity;
import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.ChangeSet;
import io.hasqlite.changeset.Values;
import io.hasqlite.sql.SqlStatement;
import io.hasqlite.sqlite.Schema;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.TableSchema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;

/**
 * Runs what a message says as statements of an application's connection. So the same holds for it
 * as for anything that an application writes: constraints are checked, triggers fire, the engine's
 * own tables are out of reach, and what changes is captured.
 */
public final class DeadLetterReplay {

  private final Connection connection;
  private final RowIdentity rowIdentity;

  private DeadLetterReplay(Connection connection, RowIdentity rowIdentity) {
    this.connection = connection;
    this.rowIdentity = rowIdentity;
  }

  /**
   * Runs all transactions of a message; the caller begins and commits.
   *
   * @param connection a connection of the engine's data source
   * @throws SQLException if a change cannot be made; the caller rolls back
   */
  public static void run(Connection connection, ChangeSet changeSet, RowIdentity rowIdentity)
      throws SQLException {
    DeadLetterReplay replay = new DeadLetterReplay(connection, rowIdentity);
    for (Change change : changeSet.changes()) {
      replay.run(change);
    }
  }

  private void run(Change change) throws SQLException {
    switch (change.operation()) {
      case SQL -> statement(String.valueOf(change.command()), change.args());
      case CUSTOM -> {}
      case INSERT -> insert(table(change), change);
      case UPDATE -> update(table(change), change);
      case DELETE -> delete(table(change), change);
    }
  }

  private void statement(String command, List<@Nullable Object> args) throws SQLException {
    List<SqlStatement> statements = SqlStatement.scanAll(command);
    boolean writes =
        statements.size() == 1
            && (statements.get(0).isDdl()
                || switch (statements.get(0).type()) {
                  case INSERT, UPDATE, DELETE -> true;
                  default -> false;
                });
    if (!writes) {
      throw new SQLSyntaxErrorException(
          "Only one statement of DDL, INSERT, UPDATE or DELETE can be run, not \""
              + command.substring(0, Math.min(200, command.length()))
              + '"',
          "42501");
    }
    run(command, args);
  }

  /** The schema is read anew each time: the message itself may change it. */
  private TableSchema table(Change change) throws SQLException {
    SqliteSession session = new SqliteSession(connection.unwrap(SQLiteConnection.class));
    TableSchema table = Schema.read(session, rowIdentity).table(change.table());
    if (table == null) {
      throw new SQLSyntaxErrorException("There is no table \"" + change.table() + '"', "42S02");
    }
    return table;
  }

  private void insert(TableSchema table, Change change) throws SQLException {
    Map<String, @Nullable Object> values = RowImages.newValues(table, change);
    run(
        "INSERT OR REPLACE INTO main."
            + SqliteSession.quoted(table.name())
            + values.keySet().stream()
                .map(SqliteSession::quoted)
                .collect(Collectors.joining(",", "(", ")"))
            + values.values().stream()
                .map(RowImages::slot)
                .collect(Collectors.joining(",", " VALUES(", ")")),
        new ArrayList<>(values.values()));
  }

  private void update(TableSchema table, Change change) throws SQLException {
    Map<String, @Nullable Object> before = RowImages.oldValues(table, change);
    Map<String, @Nullable Object> sets = new LinkedHashMap<>(RowImages.newValues(table, change));
    sets.entrySet()
        .removeIf(
            set ->
                before.containsKey(set.getKey())
                    && Values.same(before.get(set.getKey()), set.getValue()));
    if (sets.isEmpty()) {
      return;
    }
    RowKey identity = identity(table, change);
    List<@Nullable Object> arguments = new ArrayList<>(sets.values());
    arguments.addAll(identity.values());
    long updated =
        run(
            "UPDATE OR REPLACE main."
                + SqliteSession.quoted(table.name())
                + " SET "
                + sets.entrySet().stream()
                    .map(
                        set ->
                            SqliteSession.quoted(set.getKey())
                                + "="
                                + RowImages.slot(set.getValue()))
                    .collect(Collectors.joining(","))
                + identity.where(table),
            arguments);
    if (updated == 0) {
      insert(table, change);
    }
  }

  private void delete(TableSchema table, Change change) throws SQLException {
    RowKey identity = identity(table, change);
    run(
        "DELETE FROM main." + SqliteSession.quoted(table.name()) + identity.where(table),
        identity.values());
  }

  private static RowKey identity(TableSchema table, Change change) throws SQLException {
    RowKey identity = RowKey.of(table, change);
    if (identity == null) {
      throw new SQLSyntaxErrorException("It does not say which row: " + change, "42000");
    }
    return identity;
  }

  private long run(String sql, List<@Nullable Object> arguments) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      RowImages.bind(statement, arguments);
      statement.execute();
      return statement.getLargeUpdateCount();
    }
  }
}
