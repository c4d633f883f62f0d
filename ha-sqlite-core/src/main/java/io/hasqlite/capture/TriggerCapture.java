package io.hasqlite.capture;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.LargeChanges;
import io.hasqlite.sql.Ascii;
import io.hasqlite.sql.SqlStatement;
import io.hasqlite.sql.Token;
import io.hasqlite.sqlite.Schema;
import io.hasqlite.sqlite.SqliteSession;
import io.hasqlite.sqlite.TableSchema;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Captures by temporary triggers that exist only for the tables that the session has written. What
 * they were made for is kept in a temporary table, so that it is rolled back with them.
 */
public final class TriggerCapture implements Capture {

  private static final Logger log = LoggerFactory.getLogger(TriggerCapture.class);
  private static final int PLANS_MAX = 512;
  private static final int ORDER_ATTEMPTS_MAX = 50;

  /** Changes of a transaction that are more than this, roughly, stay in the log. */
  private static final long LIST_BYTES_MAX = 4L * 1024 * 1024;

  private static final long ALL = Long.MAX_VALUE;

  private static final String OURS = "type = 'trigger' AND name LIKE 'ha\\_%' ESCAPE '\\'";

  /** What is assumed of a statement that SQLite cannot compile over triggers that do not fit. */
  private static final StatementPlan MAY_WRITE =
      new StatementPlan(true, false, false, Set.of(), false, Set.of(), Set.of(), Set.of());

  private record CachedPlan(StatementPlan plan, long schemaVersion, boolean foreignKeys) {}

  private final SqliteSession session;
  private final CaptureOptions options;
  private final boolean applying;
  private final Clock clock;
  private final ChangeLog changeLog;
  private final Map<String, CachedPlan> plans =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, CachedPlan> eldest) {
          return size() > PLANS_MAX;
        }
      };
  private final Map<String, ArmedTable> armed = new HashMap<>();
  private final Map<Integer, ArmedTable> arms = new HashMap<>();
  private final Map<String, Integer> candidateTables = new HashMap<>();
  private int lastArm;
  private long armedVersion;
  private long changesSeen = -1;

  /** For which there is nothing to do before a statement, as long as the same tables are armed. */
  private @Nullable StatementPlan readyPlan;

  private boolean temporaryTables;
  private boolean changedInTransaction;
  private boolean inTransaction;
  private boolean logIsRead = true;
  private boolean statementIsOpen;
  private boolean foreignKeys;
  private @Nullable Boolean recursiveTriggers;
  private @Nullable Boolean temporaryUsersTriggers;
  private @Nullable Schema schema;

  private TriggerCapture(
      SqliteSession session, CaptureOptions options, boolean applying, Clock clock) {
    this.session = session;
    this.options = options;
    this.applying = applying;
    this.clock = clock;
    this.changeLog = new ChangeLog(session);
  }

  /** Captures what the application writes through a session. */
  public static TriggerCapture ofApplication(
      SqliteSession session, CaptureOptions options, Clock clock) {
    return new TriggerCapture(session, options, false, clock);
  }

  /** Watches what apply displaces, and keeps users' AFTER triggers silent in its session. */
  public static TriggerCapture ofApply(SqliteSession session, CaptureOptions options, Clock clock) {
    return new TriggerCapture(session, options, true, clock);
  }

  @Override
  public StatementPlan plan(SqlStatement statement) throws SQLException {
    if (!inTransaction) {
      if (schema != null && schema.version() != Schema.readVersion(session)) {
        schema = null;
      }
      readForeignKeys();
    }
    Schema current = currentSchema();
    CachedPlan cached = plans.get(statement.text());
    if (cached != null
        && cached.schemaVersion() == current.version()
        && cached.foreignKeys() == foreignKeys) {
      return cached.plan();
    }
    StatementPlan plan;
    try {
      plan = explain(statement);
    } catch (SQLException e) {
      if (!inTransaction && !armed.isEmpty() && armedVersion != current.version()) {
        return MAY_WRITE; // the transaction makes the triggers anew and looks again
      }
      throw e;
    }
    plans.put(statement.text(), new CachedPlan(plan, current.version(), foreignKeys));
    return plan;
  }

  @Override
  public @Nullable StatementPlan lastPlan(SqlStatement statement) {
    CachedPlan cached = plans.get(statement.text());
    return cached == null ? null : cached.plan();
  }

  /** Like {@link #plan}, for the triggers that are there at this moment. */
  public StatementPlan explain(SqlStatement statement) throws SQLException {
    return Explainer.explain(session, currentSchema(), options, statement.text());
  }

  /** Cascades are part of a plan; a connection can switch them, but not within a transaction. */
  private void readForeignKeys() throws SQLException {
    foreignKeys = currentSchema().hasForeignKeys() && session.number("PRAGMA foreign_keys") != 0;
  }

  @Override
  public boolean isCompareAndSet(SqlStatement statement) throws SQLException {
    String name = statement.objectName();
    if (statement.comparedColumns().isEmpty() || name == null) {
      return false;
    }
    TableSchema table = currentSchema().table(name);
    if (table == null) {
      return false;
    }
    Set<String> others = new HashSet<>();
    table.columns().forEach(column -> others.add(Ascii.lower(column.name())));
    Set<String> identity = new HashSet<>();
    table.identity().forEach(column -> identity.add(Ascii.lower(column)));
    String rowid = table.rowidColumn() != null ? table.rowidColumn() : table.rowidName();
    if (identity.isEmpty() && rowid != null) {
      identity.add(Ascii.lower(rowid));
    }
    others.removeAll(identity);
    others.retainAll(statement.comparedColumns());
    return !others.isEmpty()
        && (statement.type() == SqlStatement.Type.UPDATE
            || statement.comparedColumns().containsAll(identity));
  }

  @Override
  public Schema currentSchema() throws SQLException {
    if (schema == null) {
      schema = Schema.read(session, options.rowIdentity());
    }
    return schema;
  }

  @Override
  public void begun() throws SQLException {
    long version = Schema.readVersion(session);
    if (!temporaryTables || (!armed.isEmpty() && armedVersion != version)) {
      session.execute("ROLLBACK");
      rebuild();
      session.execute("BEGIN IMMEDIATE");
      version = Schema.readVersion(session);
    } else if (session.totalChanges() != changesSeen && !changeLog.isEmpty()) {
      log.warn(
          "Rows were written through the unwrapped driver, outside of a transaction that could be"
              + " replicated; the other nodes do not have them");
      changeLog.clear();
    }
    if (schema == null || schema.version() != version) {
      schema = Schema.read(session, options.rowIdentity());
    }
    readForeignKeys();
    inTransaction = true;
    changedInTransaction = false;
  }

  /**
   * Removes all triggers, whatever schema they were made for. DROP TRIGGER is not enough: it looks
   * the trigger's table up, which may be gone or another one.
   */
  private void rebuild() throws SQLException {
    session.execute("PRAGMA writable_schema=ON");
    try {
      session.execute("DELETE FROM temp.sqlite_schema WHERE " + OURS);
    } finally {
      session.execute("PRAGMA writable_schema=RESET");
    }
    session.execute("CREATE TEMP TABLE IF NOT EXISTS ha_armed(arm, version, recursive)");
    session.execute("CREATE TEMP TABLE IF NOT EXISTS ha_effects(wanted)");
    session.execute("DELETE FROM temp.ha_armed");
    changeLog.create();
    changeLog.clear();
    temporaryTables = true;
    armed.clear();
    readyPlan = null;
    arms.clear();
  }

  @Override
  public void before(SqlStatement statement, StatementPlan plan) throws SQLException {
    if (plan == readyPlan && !statementIsOpen) {
      return;
    }
    if (!plan.mixedTriggers().isEmpty()) {
      throw new SQLNonTransientException(
          "The trigger "
              + plan.mixedTriggers()
              + " writes a virtual table and an ordinary one; other nodes can neither fire it nor"
              + " leave it out. Write them by two triggers",
          "42000");
    }
    if (plan.virtualTable() && !applying) {
      if (!plan.differsBetweenNodes().isEmpty()) {
        throw new SQLNonTransientException(
            "The statement writes a virtual table and uses "
                + plan.differsBetweenNodes()
                + ", which may be something else on another node. Every node runs the statement:"
                + " compute the values first and bind them as parameters",
            "42000");
      }
    }
    if (!applying && usersTriggers()) {
      setRecursiveTriggers(false);
    }
    if (plan.ddl()) {
      if (statement.type() == SqlStatement.Type.DROP_TABLE) {
        for (String table : plan.tables()) {
          if (!key(table).equals(key(String.valueOf(statement.objectName())))) {
            arm(table); // rows that foreign keys change when the table's own are deleted
          }
        }
      } else {
        disarm(); // ALTER TABLE fails over triggers that would not compile after it
      }
      return;
    }
    boolean mayChangeRowsTwice = false;
    for (String table : plan.tables()) {
      ArmedTable before = armed.get(key(table));
      if (before == null) {
        arm(table);
      } else {
        clearCandidates(before); // each row would look at all that earlier statements left
      }
      ArmedTable now = armed.get(key(table));
      mayChangeRowsTwice |= now != null && now.mayChangeRowsTwice();
    }
    if ((mayChangeRowsTwice || statementIsOpen) && !applying) {
      changeLog.addBoundary(); // also after the last such statement, which ends there
    }
    statementIsOpen = mayChangeRowsTwice;
    boolean candidates =
        armed.values().stream().anyMatch(t -> t.mode() == CaptureTriggers.Mode.CANDIDATES);
    readyPlan = mayChangeRowsTwice || candidates || plan.virtualTable() ? null : plan;
  }

  /**
   * Arms a table for apply: rows that are deleted are logged.
   *
   * @param silent whether users' AFTER triggers of the table stay silent
   */
  public void armForApply(String table, boolean silent) throws SQLException {
    arm(table, silent ? CaptureTriggers.Mode.APPLY_SILENT : CaptureTriggers.Mode.APPLY_FIRING);
  }

  private void arm(String table) throws SQLException {
    arm(table, usersTriggers() ? CaptureTriggers.Mode.CANDIDATES : CaptureTriggers.Mode.RECURSIVE);
  }

  private void arm(String table, CaptureTriggers.Mode mode) throws SQLException {
    if (armed.containsKey(key(table)) || !Schema.isUserName(table) || options.excludes(table)) {
      return;
    }
    TableSchema tableSchema = currentSchema().table(table);
    if (tableSchema == null) {
      return;
    }
    if (tableSchema.rowidName() == null && tableSchema.identity().isEmpty()) {
      throw new SQLNonTransientException(
          "The table \""
              + table
              + "\" cannot be replicated: no key identifies its rows, and its columns hide the"
              + " rowid. Declare a PRIMARY KEY with NOT NULL columns, rename the column \"rowid\","
              + " \"oid\" or \"_rowid_\", or exclude the table (ha.sqlite.exclude-tables)",
          "42000");
    }
    List<Schema.Trigger> usersTemporary = usersTemporaryTriggers();
    drop(usersTemporary);
    makeTriggers(tableSchema, mode);
    putBack(usersTemporary);
    for (int attempt = 1; !usersTemporary.isEmpty() && !oursFireFirst(); attempt++) {
      if (attempt == ORDER_ATTEMPTS_MAX) {
        throw new SQLNonTransientException(
            "What the temporary triggers "
                + usersTemporary.stream().map(Schema.Trigger::name).toList()
                + " write cannot be captured: SQLite fires them before the triggers of HA SQLite."
                + " There are too many of them on tables that this connection writes",
            "42000");
      }
      drop(usersTemporary);
      for (ArmedTable each : List.copyOf(armed.values())) {
        makeTriggers(each.schema(), each.mode());
        dropTriggers(each); // only now: without any trigger SQLite would begin anew, all the same
      }
      putBack(usersTemporary);
    }
  }

  private void drop(List<Schema.Trigger> usersTemporary) throws SQLException {
    for (Schema.Trigger users : usersTemporary) {
      session.execute("DROP TRIGGER temp." + SqliteSession.quoted(users.name()));
    }
  }

  /** Makes users' triggers again after ours, so that they fire after ours. */
  private void putBack(List<Schema.Trigger> usersTemporary) throws SQLException {
    for (Schema.Trigger users : usersTemporary) {
      session.execute(users.sql().replaceFirst("(?i)^CREATE TRIGGER", "CREATE TEMP TRIGGER"));
    }
  }

  private void dropTriggers(ArmedTable old) throws SQLException {
    for (String name : CaptureTriggers.names(old)) {
      session.execute("DROP TRIGGER temp." + SqliteSession.quoted(name));
    }
    session.update("DELETE FROM temp.ha_armed WHERE arm = ?", old.arm());
  }

  /**
   * Tells whether all of our triggers fire before those of the user for the same event. SQLite
   * keeps the order in which temporary triggers were made only while there are few; then it depends
   * on their names, and ours have others each time.
   */
  private boolean oursFireFirst() throws SQLException {
    for (Schema.Trigger users : usersTemporaryTriggers()) {
      ArmedTable ours = armed.get(key(users.table()));
      if (ours != null && !users.isBefore() && firesBefore(users, ours)) {
        return false;
      }
    }
    return true;
  }

  private boolean firesBefore(Schema.Trigger users, ArmedTable ours) throws SQLException {
    for (Map.Entry<String, String> change : ours.schema().changes().entrySet()) {
      List<String> order = Explainer.triggers(session, change.getValue());
      int place = order.indexOf(users.name());
      if (place >= 0 && place < order.indexOf(CaptureTriggers.after(ours.arm(), change.getKey()))) {
        return true;
      }
    }
    return false;
  }

  private void makeTriggers(TableSchema tableSchema, CaptureTriggers.Mode mode)
      throws SQLException {
    String table = tableSchema.name();
    changedInTransaction = true;
    setRecursiveTriggers(mode != CaptureTriggers.Mode.CANDIDATES);
    ArmedTable armedTable =
        ArmedTable.of(++lastArm, tableSchema, mode, usersTriggers(), candidateTable(tableSchema));
    CaptureTriggers triggers = new CaptureTriggers(armedTable, changeLog.width());
    if (mode == CaptureTriggers.Mode.CANDIDATES) {
      session.execute(triggers.candidateTableSql());
      clearCandidates(armedTable);
    }
    for (String sql : triggers.sql(mode)) {
      session.execute(sql);
    }
    armedVersion = currentSchema().version();
    session.update(
        "INSERT INTO temp.ha_armed VALUES(?,?,?)",
        lastArm,
        armedVersion,
        mode == CaptureTriggers.Mode.CANDIDATES ? 0 : 1);
    armed.put(key(table), armedTable);
    readyPlan = null;
    arms.put(lastArm, armedTable);
  }

  private String candidateTable(TableSchema table) {
    String kind = key(table.name()) + ' ' + CaptureTriggers.image(table).size();
    return "ha_candidate_"
        + candidateTables.computeIfAbsent(kind, absent -> candidateTables.size() + 1);
  }

  private void clearCandidates(ArmedTable table) throws SQLException {
    if (table.mode() == CaptureTriggers.Mode.CANDIDATES) {
      session.update("DELETE FROM temp." + table.candidateTable());
    }
  }

  /** Tells whether there is any trigger of a user that must not become recursive. */
  private boolean usersTriggers() throws SQLException {
    if (!currentSchema().triggers().isEmpty()) {
      return true;
    }
    if (temporaryUsersTriggers == null) {
      temporaryUsersTriggers = !usersTemporaryTriggers().isEmpty();
    }
    return temporaryUsersTriggers;
  }

  private List<Schema.Trigger> usersTemporaryTriggers() throws SQLException {
    List<Schema.Trigger> triggers = new ArrayList<>();
    try (ResultSet row =
        session
            .prepared(
                "SELECT name, tbl_name, sql FROM temp.sqlite_schema WHERE type = 'trigger' AND NOT ("
                    + OURS
                    + ") ORDER BY rowid")
            .executeQuery()) {
      while (row.next()) {
        triggers.add(new Schema.Trigger(row.getString(1), row.getString(2), row.getString(3)));
      }
    }
    return triggers;
  }

  private void setRecursiveTriggers(boolean on) throws SQLException {
    if (!Boolean.valueOf(on).equals(recursiveTriggers)) {
      session.execute("PRAGMA recursive_triggers=" + (on ? "ON" : "OFF"));
      recursiveTriggers = on;
    }
  }

  /** Removes our triggers while they fit the schema. */
  private void disarm() throws SQLException {
    if (armed.isEmpty()) {
      return;
    }
    changedInTransaction = true;
    List<String> names = new ArrayList<>();
    try (ResultSet row =
        session.prepared("SELECT name FROM temp.sqlite_schema WHERE " + OURS).executeQuery()) {
      while (row.next()) {
        names.add(row.getString(1));
      }
    }
    for (String name : names) {
      session.execute("DROP TRIGGER temp." + SqliteSession.quoted(name));
    }
    session.update("DELETE FROM temp.ha_armed");
    armed.clear();
    readyPlan = null;
  }

  @Override
  public void after(SqlStatement statement, StatementPlan plan, boolean succeeded)
      throws SQLException {
    if (plan.tempDdl()) {
      temporaryUsersTriggers = null;
      disarm();
      plans.clear();
    }
    if (plan.ddl()) {
      changedInTransaction = true;
      schema = null;
      disarm();
      if (succeeded && isReplicated(statement)) {
        logDdl(statement);
      }
    }
  }

  private boolean isReplicated(SqlStatement statement) throws SQLException {
    String object = statement.objectName();
    return !applying
        && options.ddl()
        && Set.of(
                SqlStatement.Type.PRAGMA,
                SqlStatement.Type.CREATE_TABLE,
                SqlStatement.Type.CREATE_VIRTUAL_TABLE,
                SqlStatement.Type.CREATE_INDEX,
                SqlStatement.Type.CREATE_VIEW,
                SqlStatement.Type.CREATE_TRIGGER,
                SqlStatement.Type.DROP_TABLE,
                SqlStatement.Type.DROP_INDEX,
                SqlStatement.Type.DROP_VIEW,
                SqlStatement.Type.DROP_TRIGGER,
                SqlStatement.Type.ALTER_TABLE)
            .contains(statement.type())
        && (object == null
            || Schema.isUserName(object)
                && !options.excludes(object)
                && !isOnExcludedTable(object));
  }

  private boolean isOnExcludedTable(String object) throws SQLException {
    return !options.excludedTables().isEmpty()
        && session.one(
                "SELECT tbl_name FROM main.sqlite_schema WHERE name = ? COLLATE NOCASE", object)
            instanceof String table
        && options.excludes(table);
  }

  private void logDdl(SqlStatement statement) throws SQLException {
    if (statement.type() == SqlStatement.Type.PRAGMA) {
      // SQLite takes any text for a number; other nodes get the number that it became.
      String name = String.valueOf(statement.pragmaName());
      changeLog.addSql("PRAGMA " + name + " = " + session.number("PRAGMA main." + name), List.of());
      return;
    }
    String name = statement.objectName();
    if (statement.type() != SqlStatement.Type.CREATE_TABLE
        || !isAsSelect(statement)
        || name == null) {
      changeLog.addSql(statement.text(), List.of());
      return;
    }
    // The query may read what other nodes do not have: its result travels instead.
    String sql =
        (String)
            session.one(
                "SELECT sql FROM main.sqlite_schema WHERE type='table' AND name=? COLLATE NOCASE",
                name);
    if (sql == null) {
      throw new IllegalStateException("The table \"" + name + "\" was created but is not there");
    }
    changeLog.addSql(sql, List.of());
    arm(name);
    ArmedTable table = armed.get(key(name));
    if (table != null) {
      changeLog.addRowsOf(table);
    }
  }

  private static boolean isAsSelect(SqlStatement statement) {
    for (Token token : statement.tokens()) {
      String word = statement.text().substring(token.start(), token.end());
      if (word.equals("(")) {
        return false;
      }
      if (token.kind() == Token.Kind.WORD && word.equalsIgnoreCase("AS")) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void addSql(String command, List<@Nullable Object> arguments) throws SQLException {
    changedInTransaction = true;
    changeLog.addSql(command, arguments);
  }

  @Override
  public List<Change> drain() throws SQLException {
    return changeLog.width() == 0 ? List.of() : read(false, applying ? ALL : LIST_BYTES_MAX);
  }

  /**
   * Like {@link #drain}, with updates that change nothing: for apply, whose log has what was
   * deleted and, after {@link #logEffects}, all that was changed.
   */
  public List<Change> drainEffects() throws SQLException {
    return read(true, ALL);
  }

  /** Forgets what was captured. */
  public void discard() throws SQLException {
    changeLog.clear();
  }

  /** Sets whether the session's log has all that apply changes, or only what it deletes. */
  public void logEffects(boolean all) throws SQLException {
    session.update(all ? "INSERT INTO temp.ha_effects VALUES(1)" : "DELETE FROM temp.ha_effects");
  }

  private List<Change> read(boolean unchangedToo, long bytesMax) throws SQLException {
    List<Change> changes = changeLog.read(arms, nanos(clock.instant()), unchangedToo, bytesMax);
    logIsRead = !(changes instanceof LargeChanges);
    for (ArmedTable table : armed.values()) {
      clearCandidates(table);
    }
    return changes;
  }

  /** Reads a value with exactly the type that SQLite has for it. */
  public static @Nullable Object value(ResultSet rows, int column) throws SQLException {
    return ChangeLog.value(rows, column);
  }

  private static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }

  @Override
  public void rolledBackTo() throws SQLException {
    if (changedInTransaction) {
      reload();
    }
  }

  @Override
  public void ended(boolean committed) {
    inTransaction = false;
    statementIsOpen = false;
    clearLog();
    if (!committed && changedInTransaction) {
      try {
        reload();
      } catch (SQLException e) {
        log.debug("The triggers are made anew, since it is not known which are there", e);
        temporaryTables = false;
      }
    }
    changedInTransaction = false;
    if (arms.size() > armed.size()) {
      arms.values().retainAll(armed.values());
    }
    rememberChanges();
  }

  /** As long as the session changes nothing, nothing comes into the log. */
  private void rememberChanges() {
    try {
      changesSeen = session.totalChanges();
    } catch (SQLException e) {
      log.debug("The log is looked at when the next transaction begins", e);
      changesSeen = -1;
    }
  }

  /** What was too large to be read into memory is still there, unless it was rolled back. */
  private void clearLog() {
    if (!logIsRead) {
      logIsRead = true;
      try {
        changeLog.clear();
      } catch (SQLException e) {
        log.debug("The temporary tables are made anew, since the log was not cleared", e);
        temporaryTables = false;
      }
    }
  }

  /** Learns from the temporary tables, which were rolled back too, what is armed now. */
  private void reload() throws SQLException {
    schema = null;
    temporaryUsersTriggers = null;
    plans.clear();
    armed.clear();
    readyPlan = null;
    Map<Integer, Boolean> recursive = new TreeMap<>();
    try (ResultSet row =
        session.prepared("SELECT arm, version, recursive FROM temp.ha_armed").executeQuery()) {
      while (row.next()) {
        recursive.put(row.getInt(1), row.getInt(3) != 0);
        armedVersion = row.getLong(2);
      }
    }
    for (Map.Entry<Integer, Boolean> entry : recursive.entrySet()) {
      ArmedTable table = arms.get(entry.getKey());
      if (table == null) {
        throw new IllegalStateException("A table is armed that was forgotten: " + entry.getKey());
      }
      armed.put(key(table.schema().name()), table);
      setRecursiveTriggers(entry.getValue());
    }
  }

  @Override
  public boolean mayDeferForeignKeys() throws SQLException {
    return currentSchema().mayDeferForeignKeys();
  }

  /** Returns the session. */
  public SqliteSession session() {
    return session;
  }

  private static String key(String name) {
    return Ascii.lower(name);
  }
}
