package io.hasqlite.snapshot;

import io.hasqlite.RowIdentity;
import io.hasqlite.apply.ControlTables;
import io.hasqlite.sqlite.Schema;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.TableSchema;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to one node alone: the tables that are not replicated, and the engine's own records
 * of this node. No snapshot has it, and a restore does not lose it.
 */
final class LocalTables {

  private final Set<String> excluded;

  LocalTables(Set<String> excludedTables) {
    this.excluded =
        excludedTables.stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Returns a digest of the excluded tables' names: snapshots of other lists do not fit. */
  String digest() {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(sha.digest(String.join("\n", excluded).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  /** Removes it from a copy of this node's database. */
  void removeFrom(SqliteSession copy) throws SQLException {
    copy.execute("PRAGMA foreign_keys=OFF");
    for (String table : ControlTables.OF_ONE_NODE) {
      if (exists(copy, "main", table)) {
        copy.execute("DELETE FROM main." + SqliteSession.quoted(table));
      }
    }
    for (String table : excluded) {
      copy.execute("DROP TABLE IF EXISTS main." + SqliteSession.quoted(table));
    }
  }

  /** Copies it from this node's database into a snapshot that takes its place. */
  void copy(Path database, SqliteSession snapshot) throws SQLException {
    snapshot.execute("PRAGMA foreign_keys=OFF");
    snapshot.execute("ATTACH " + SqliteSession.literal(database.toString()) + " AS ha_local");
    snapshot.execute("BEGIN");
    for (String table : ControlTables.OF_ONE_NODE) {
      if (exists(snapshot, "ha_local", table) && exists(snapshot, "main", table)) {
        copyRows(snapshot, table, null);
      }
    }
    for (String table : excluded) {
      if (exists(snapshot, "ha_local", table) && !exists(snapshot, "main", table)) {
        copyTable(snapshot, table);
      }
    }
    snapshot.execute("COMMIT");
    snapshot.execute("DETACH ha_local");
  }

  private static boolean exists(SqliteSession session, String schema, String table)
      throws SQLException {
    return session.one(
            "SELECT 1 FROM "
                + schema
                + ".sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE",
            table)
        != null;
  }

  /** The rows come before indexes, which is faster, and before triggers, which must not fire. */
  private static void copyTable(SqliteSession snapshot, String table) throws SQLException {
    List<String> statements =
        texts(
            snapshot,
            "SELECT sql FROM ha_local.sqlite_schema WHERE tbl_name = "
                + SqliteSession.literal(table)
                + " COLLATE NOCASE AND sql IS NOT NULL ORDER BY type <> 'table', rowid");
    snapshot.execute(statements.get(0));
    TableSchema created = Schema.read(snapshot, RowIdentity.PK).table(table);
    copyRows(
        snapshot,
        table,
        created == null || created.rowidColumn() != null ? null : created.rowidName());
    for (String statement : statements.subList(1, statements.size())) {
      snapshot.execute(statement);
    }
  }

  private static void copyRows(SqliteSession snapshot, String table, @Nullable String rowid)
      throws SQLException {
    String name = SqliteSession.literal(table);
    List<String> columns =
        texts(
            snapshot,
            "SELECT m.name FROM pragma_table_xinfo("
                + name
                + ", 'main') m JOIN pragma_table_xinfo("
                + name
                + ", 'ha_local') l ON l.name = m.name WHERE m.hidden = 0 ORDER BY m.cid");
    String list = columns.stream().map(SqliteSession::quoted).collect(Collectors.joining(", "));
    String all = rowid == null ? list : rowid + ", " + list;
    String quoted = SqliteSession.quoted(table);
    snapshot.execute(
        "INSERT INTO main." + quoted + "(" + all + ") SELECT " + all + " FROM ha_local." + quoted);
  }

  private static List<String> texts(SqliteSession session, String sql) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (Statement statement = session.connection().createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    }
    return texts;
  }
}
