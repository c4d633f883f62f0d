package io.hasqlite.sqlite;

import io.hasqlite.RowIdentity;
import io.hasqlite.sql.Ascii;
import io.hasqlite.sql.SqlStatement;
import io.hasqlite.sqlite.TableSchema.Column;
import io.hasqlite.sqlite.TableSchema.Term;
import io.hasqlite.sqlite.TableSchema.UniqueKey;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The schema of the main database as one session sees it. Tables are read when they are first asked
 * for; it stays valid as long as the session's schema does.
 */
public final class Schema {

  /** Prefix of the engine's own tables; nothing of that name is replicated. */
  public static final String CONTROL_PREFIX = "ha_";

  private static final Set<String> CONTROL_TABLES =
      Set.of(
          "ha_stats",
          "ha_marks",
          "ha_conflicts",
          "ha_outbox",
          "ha_outbox_effects",
          "ha_dead_letters");

  private static final List<String> ROWID_NAMES = List.of("rowid", "oid", "_rowid_");

  /** A user's trigger. */
  public record Trigger(String name, String table, String sql) {

    /** Tells whether it fires before the row is written: the default where nothing is said. */
    public boolean isBefore() {
      SqlStatement statement = SqlStatement.scan(sql);
      List<String> words = new ArrayList<>();
      statement.tokens().stream()
          .limit(12)
          .forEach(token -> words.add(statement.text().substring(token.start(), token.end())));
      int at = 1;
      while (!words.get(at - 1).equalsIgnoreCase("TRIGGER")) {
        at++;
      }
      if (words.get(at).equalsIgnoreCase("IF")) {
        at += 3;
      }
      at += words.get(at + 1).equals(".") ? 3 : 1;
      return !words.get(at).equalsIgnoreCase("AFTER");
    }
  }

  private final SqliteSession session;
  private final RowIdentity rowIdentity;
  private final long version;
  private final Map<String, String> kinds = new HashMap<>();
  private final Map<String, String> names = new HashMap<>();
  private final Set<String> withoutRowid = new HashSet<>();
  private final Map<Long, String> tablesByRootPage = new HashMap<>();
  private final Map<String, String> indexSql = new HashMap<>();
  private final List<Trigger> triggers = new ArrayList<>();
  private final Map<String, TableSchema> tables = new HashMap<>();
  private boolean foreignKeys;
  private boolean mayDeferForeignKeys;
  private @Nullable Set<String> foreignKeyChildren;

  private Schema(SqliteSession session, RowIdentity rowIdentity, long version) {
    this.session = session;
    this.rowIdentity = rowIdentity;
    this.version = version;
  }

  /** Reads the catalogue; in a transaction, so that it is of one moment. */
  public static Schema read(SqliteSession session, RowIdentity rowIdentity) throws SQLException {
    Schema schema = new Schema(session, rowIdentity, readVersion(session));
    schema.readCatalogue();
    return schema;
  }

  /** Returns the number that SQLite increases with every committed change of the schema. */
  public static long readVersion(SqliteSession session) throws SQLException {
    return session.number("PRAGMA main.schema_version");
  }

  private void readCatalogue() throws SQLException {
    try (ResultSet row = session.prepared("PRAGMA main.table_list").executeQuery()) {
      while (row.next()) {
        String key = key(row.getString("name"));
        kinds.put(key, row.getString("type"));
        names.put(key, row.getString("name"));
        if (row.getInt("wr") != 0) {
          withoutRowid.add(key);
        }
      }
    }
    try (ResultSet row =
        session
            .prepared("SELECT type, name, tbl_name, rootpage, sql FROM main.sqlite_schema")
            .executeQuery()) {
      while (row.next()) {
        String type = row.getString(1);
        if (type.equals("trigger")) {
          triggers.add(new Trigger(row.getString(2), row.getString(3), row.getString(5)));
          continue;
        }
        if (type.equals("table") && row.getString(5) != null) {
          String sql = row.getString(5).toUpperCase(Locale.ROOT);
          foreignKeys |= sql.contains("REFERENCES");
          mayDeferForeignKeys |= sql.contains("DEFERR");
        }
        if (row.getLong(4) != 0) {
          tablesByRootPage.put(row.getLong(4), row.getString(3));
        }
        if (type.equals("index") && row.getString(5) != null) {
          indexSql.put(key(row.getString(2)), row.getString(5));
        }
      }
    }
  }

  /** Returns the version that the catalogue was read at. */
  public long version() {
    return version;
  }

  /** Returns the table to which a page that a statement writes belongs; null for the catalogue. */
  public @Nullable String tableOfRootPage(long rootPage) {
    return tablesByRootPage.get(rootPage);
  }

  /** Returns the users' triggers of the main database. */
  public List<Trigger> triggers() {
    return triggers;
  }

  /** Tells whether there is an ordinary table of that name. */
  public boolean hasTable(String name) {
    return "table".equals(kinds.get(key(name)));
  }

  /** Tells whether there is a virtual table of that name. */
  public boolean hasVirtualTable(String name) {
    return "virtual".equals(kinds.get(key(name)));
  }

  /** Returns the ordinary tables that are not the engine's or SQLite's own, in no order. */
  public List<String> userTables() {
    return kinds.entrySet().stream()
        .filter(entry -> entry.getValue().equals("table"))
        .map(entry -> names.getOrDefault(entry.getKey(), entry.getKey()))
        .filter(Schema::isUserName)
        .toList();
  }

  /** Tells whether a name is a user's: not the engine's, not SQLite's. */
  public static boolean isUserName(String name) {
    return !Ascii.startsWith(name, CONTROL_PREFIX) && !Ascii.startsWith(name, "sqlite_");
  }

  /** Tells whether a name is one of the engine's own tables; users' DDL must not contain it. */
  public static boolean isControlTable(String name) {
    return CONTROL_TABLES.contains(key(name));
  }

  /** Returns an ordinary table; null if there is none of that name. */
  public @Nullable TableSchema table(String name) throws SQLException {
    String key = key(name);
    if (!"table".equals(kinds.get(key))) {
      return null;
    }
    TableSchema table = tables.get(key);
    if (table == null) {
      table = readTable(names.getOrDefault(key, name), withoutRowid.contains(key));
      tables.put(key, table);
    }
    return table;
  }

  private TableSchema readTable(String name, boolean noRowid) throws SQLException {
    List<Column> columns = new ArrayList<>();
    List<String> generated = new ArrayList<>();
    Map<Integer, Column> key = new java.util.TreeMap<>();
    Set<String> allNames = new HashSet<>();
    try (PreparedStatement info =
            session
                .driver()
                .prepareStatement("PRAGMA main.table_xinfo(" + SqliteSession.quoted(name) + ")");
        ResultSet row = info.executeQuery()) {
      while (row.next()) {
        Column column =
            new Column(
                row.getString("name"),
                row.getString("type"),
                row.getInt("notnull") != 0,
                row.getString("dflt_value"));
        allNames.add(key(column.name()));
        if (row.getInt("hidden") != 0) {
          generated.add(column.name());
          continue;
        }
        columns.add(column);
        if (row.getInt("pk") > 0) {
          key.put(row.getInt("pk"), column);
        }
      }
    }
    List<Index> uniqueIndexes = readUniqueIndexes(name);
    String rowidColumn =
        !noRowid
                && key.size() == 1
                && first(key).declaredType().equalsIgnoreCase("INTEGER")
                && uniqueIndexes.stream().noneMatch(index -> index.origin().equals("pk"))
            ? first(key).name()
            : null;
    String rowidName =
        noRowid
            ? null
            : Stream.concat(
                    ROWID_NAMES.stream().filter(alias -> !allNames.contains(alias)),
                    Stream.ofNullable(rowidColumn))
                .findFirst()
                .orElse(null);
    List<String> identity = identity(columns, key, noRowid, rowidColumn);
    List<UniqueKey> uniqueKeys = new ArrayList<>();
    if (noRowid || rowidName != null) {
      Stream<String> physical = noRowid ? identity.stream() : Stream.ofNullable(rowidName);
      uniqueKeys.add(
          new UniqueKey(
              physical
                  .map(column -> new Term(SqliteSession.quoted(column), "BINARY", column))
                  .toList()));
    }
    for (Index index : uniqueIndexes) {
      uniqueKeys.add(readUniqueKey(index));
    }
    return new TableSchema(
        name,
        columns,
        generated,
        identity,
        noRowid || rowIdentity != RowIdentity.FULL,
        rowidName,
        rowidColumn,
        uniqueKeys,
        foreignKeyChildren().contains(key(name)),
        noRowid);
  }

  private static Column first(Map<Integer, Column> key) {
    return key.values().iterator().next();
  }

  private List<String> identity(
      List<Column> columns,
      Map<Integer, Column> key,
      boolean noRowid,
      @Nullable String rowidColumn) {
    List<String> keyColumns = key.values().stream().map(Column::name).toList();
    if (noRowid) {
      return keyColumns;
    }
    return switch (rowIdentity) {
      case ROWID -> List.of();
      case FULL -> columns.stream().map(Column::name).toList();
      case PK ->
          rowidColumn != null || (!key.isEmpty() && key.values().stream().allMatch(Column::notNull))
              ? keyColumns
              : List.of();
    };
  }

  private record Index(String name, String origin) {}

  private List<Index> readUniqueIndexes(String table) throws SQLException {
    List<Index> indexes = new ArrayList<>();
    try (PreparedStatement list =
            session
                .driver()
                .prepareStatement("PRAGMA main.index_list(" + SqliteSession.quoted(table) + ")");
        ResultSet row = list.executeQuery()) {
      while (row.next()) {
        if (row.getInt("unique") != 0) {
          indexes.add(new Index(row.getString("name"), row.getString("origin")));
        }
      }
    }
    return indexes;
  }

  private UniqueKey readUniqueKey(Index index) throws SQLException {
    String sql = indexSql.get(key(index.name()));
    List<String> texts = sql == null ? List.of() : SqlStatement.scan(sql).indexedExpressions();
    List<Term> terms = new ArrayList<>();
    try (PreparedStatement info =
            session
                .driver()
                .prepareStatement(
                    "PRAGMA main.index_xinfo(" + SqliteSession.quoted(index.name()) + ")");
        ResultSet row = info.executeQuery()) {
      while (row.next()) {
        if (row.getInt("key") == 0) {
          continue;
        }
        String column = row.getString("name");
        terms.add(
            new Term(
                column != null ? SqliteSession.quoted(column) : texts.get(row.getInt("seqno")),
                row.getString("coll"),
                column));
      }
    }
    return new UniqueKey(terms);
  }

  private Set<String> foreignKeyChildren() throws SQLException {
    if (foreignKeyChildren == null) {
      Set<String> children = new HashSet<>();
      try (ResultSet row =
          session
              .prepared(
                  "SELECT DISTINCT t.name FROM main.sqlite_schema AS t,"
                      + " pragma_foreign_key_list(t.name, 'main') AS f WHERE t.type = 'table'"
                      + " AND (f.on_delete NOT IN ('NO ACTION', 'RESTRICT')"
                      + " OR f.on_update NOT IN ('NO ACTION', 'RESTRICT'))")
              .executeQuery()) {
        while (row.next()) {
          children.add(key(row.getString(1)));
        }
      }
      foreignKeyChildren = children;
    }
    return foreignKeyChildren;
  }

  /** Tells whether there may be a foreign key. */
  public boolean hasForeignKeys() {
    return foreignKeys;
  }

  /** Tells whether a foreign key may be checked at COMMIT only. */
  public boolean mayDeferForeignKeys() {
    return mayDeferForeignKeys;
  }

  private static String key(String name) {
    return Ascii.lower(name);
  }
}
