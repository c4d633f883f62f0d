package io.hasqlite.verify;

import io.hasqlite.RowIdentity;
import io.hasqlite.capture.CaptureOptions;
import io.hasqlite.capture.TriggerCapture;
import io.hasqlite.changeset.Values;
import io.hasqlite.sqlite.Schema;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.TableSchema;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Computes digests of what a session sees; in a transaction, of one moment. Left out are excluded
 * tables, virtual tables and the engine's own.
 */
final class DigestReader {

  private static final int KEY_LENGTH_MAX = 100;

  private final SqliteSession session;
  private final CaptureOptions options;
  private final Pace pace;
  private final Schema schema;
  private final RowHash keyHash = new RowHash();
  private final RowHash rowHash = new RowHash();

  DigestReader(SqliteSession session, CaptureOptions options, Pace pace) throws SQLException {
    this.session = session;
    this.options = options;
    this.pace = pace;
    this.schema = Schema.read(session, options.rowIdentity());
  }

  /** Adds up rows: an order plays no role, and a row that is there twice counts twice. */
  private static final class Sum {
    private long rows;
    private long high;
    private long low;

    void add(RowHash row) {
      rows++;
      high += row.high();
      low += row.low();
    }

    Digest named(String name) {
      return new Digest(name, rows, "%016x%016x".formatted(high, low));
    }
  }

  private interface Rows {
    /** Takes a row, whose hashes are those of this moment. */
    void next(List<@Nullable Object> key);
  }

  /** Returns the digests of all tables and of the schema, by name. */
  List<Digest> tables() throws SQLException, InterruptedException {
    List<Digest> digests = new ArrayList<>();
    List<String> names = new ArrayList<>(schema.userTables());
    names.removeIf(options::excludes);
    names.add(DatabaseDigest.SCHEMA);
    names.sort(null);
    for (String name : names) {
      Sum sum = new Sum();
      read(name, key -> sum.add(rowHash));
      digests.add(sum.named(name));
    }
    return digests;
  }

  /** Returns the digests of the parts of a range, or of its rows. */
  List<Digest> parts(Range range) throws SQLException, InterruptedException {
    TreeMap<String, Sum> sums = new TreeMap<>();
    read(
        range.table(),
        key -> {
          if (range.contains(keyHash.high())) {
            String name =
                range.keys()
                    ? describe(range.table(), key)
                    : "%02x".formatted(range.partOf(keyHash.high()));
            sums.computeIfAbsent(name, ignored -> new Sum()).add(rowHash);
          }
        });
    List<Digest> digests = new ArrayList<>();
    sums.forEach((name, sum) -> digests.add(sum.named(name)));
    return digests;
  }

  private void read(String name, Rows rows) throws SQLException, InterruptedException {
    if (name.equals(DatabaseDigest.SCHEMA)) {
      readSchema(rows);
      return;
    }
    TableSchema table = options.excludes(name) ? null : schema.table(name);
    if (table == null) {
      return;
    }
    List<String> columns = new ArrayList<>(table.columnNames());
    String rowid = table.rowidName();
    boolean byRowid = table.isIdentifiedByRowid() && rowid != null;
    if (byRowid) {
      columns.add(rowid);
    }
    List<Integer> key = new ArrayList<>();
    for (String column : byRowid ? List.of(String.valueOf(rowid)) : table.identity()) {
      key.add(columns.lastIndexOf(column));
    }
    read(
        "SELECT "
            + String.join(",", columns.stream().map(SqliteSession::quoted).toList())
            + " FROM main."
            + SqliteSession.quoted(table.name()),
        columns.size(),
        key,
        rows);
  }

  private void readSchema(Rows rows) throws SQLException, InterruptedException {
    StringBuilder select =
        new StringBuilder(
            "SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL AND"
                + " lower(substr(name, 1, 3)) <> 'ha_' AND lower(substr(name, 1, 7)) <>"
                + " 'sqlite_'");
    for (String table : options.excludedTables()) {
      select.append(" AND lower(tbl_name) <> ").append(SqliteSession.literal(table));
    }
    read(select.toString(), 4, List.of(0, 1), rows);
  }

  private void read(String sql, int columns, List<Integer> keyColumns, Rows rows)
      throws SQLException, InterruptedException {
    try (Statement statement = session.connection().createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      List<@Nullable Object> key = new ArrayList<>();
      List<@Nullable Object> values = new ArrayList<>();
      while (row.next()) {
        values.clear();
        rowHash.reset();
        for (int i = 1; i <= columns; i++) {
          Object value = TriggerCapture.value(row, i);
          values.add(value);
          rowHash.add(value);
        }
        key.clear();
        keyHash.reset();
        for (int column : keyColumns) {
          key.add(values.get(column));
          keyHash.add(values.get(column));
        }
        rows.next(key);
        pace.tick();
      }
    }
  }

  private String describe(String name, List<@Nullable Object> key) {
    List<String> columns = List.of();
    if (!name.equals(DatabaseDigest.SCHEMA)) {
      columns = identity(name);
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < key.size(); i++) {
      text.append(i == 0 ? "" : ", ")
          .append(i < columns.size() ? columns.get(i) + " = " : "")
          .append(Values.describe(key.get(i)));
    }
    return text.length() <= KEY_LENGTH_MAX ? text.toString() : text.substring(0, KEY_LENGTH_MAX);
  }

  private List<String> identity(String name) {
    try {
      TableSchema table = schema.table(name);
      return table == null || table.isIdentifiedByRowid() ? List.of("rowid") : table.identity();
    } catch (SQLException e) {
      throw new IllegalStateException("The schema of a table that was just read is gone", e);
    }
  }

  /** Returns what must be the same on nodes for their digests to be comparable. */
  static String scope(CaptureOptions options) {
    RowHash hash = new RowHash();
    RowIdentity identity = options.rowIdentity();
    hash.add(identity.name());
    options.excludedTables().stream().sorted().forEach(hash::add);
    return "%016x".formatted(hash.high());
  }
}
