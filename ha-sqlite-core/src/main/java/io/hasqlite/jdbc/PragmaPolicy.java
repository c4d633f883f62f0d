package io.hasqlite.jdbc;

import io.hasqlite.sql.SqlStatement;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which pragmas an application may set. Refused or ignored are those that would switch capture off,
 * change what it sees, or stay on a pooled connection unseen. Reading is always allowed.
 */
final class PragmaPolicy {

  /** What becomes of a pragma. */
  enum Verdict {
    /** It runs as it is. */
    RUN,
    /** It runs like DDL: it changes a value of the file's header that all nodes share. */
    RUN_AS_DDL,
    /** It runs under the write lock. */
    RUN_LOCKED,
    /** It already is so; nothing runs. */
    NOTHING,
    /** The present value is kept, and said in a warning. */
    KEEP,
    /** It fails. */
    REFUSE
  }

  private static final Set<String> HEADER_VALUES = Set.of("user_version", "application_id");
  private static final Set<String> WRITERS = Set.of("incremental_vacuum", "optimize");
  private static final Set<String> OFF = Set.of("0", "off", "no", "false");

  private PragmaPolicy() {}

  static Verdict of(SqlStatement pragma) {
    String name = pragma.pragmaName();
    String schema = pragma.pragmaSchema();
    boolean main = schema == null || schema.equalsIgnoreCase("main");
    if (name == null) {
      return Verdict.RUN;
    }
    if (main && WRITERS.contains(name)) {
      return Verdict.RUN_LOCKED;
    }
    if (pragma.pragmaValue() == null) {
      return Verdict.RUN;
    }
    if (HEADER_VALUES.contains(name)) {
      return main ? Verdict.RUN_AS_DDL : Verdict.RUN;
    }
    String value = pragma.pragmaValue().toLowerCase(Locale.ROOT);
    return switch (name) {
      case "temp_store" -> Verdict.KEEP;
      case "journal_mode" -> keepUnless(!main || value.equals("wal"));
      case "locking_mode" -> keepUnless(!main || value.equals("normal"));
      case "temp_store_directory", "data_store_directory" -> Verdict.REFUSE;
      case "schema_version" -> main ? Verdict.REFUSE : Verdict.RUN;
      case "writable_schema", "recursive_triggers", "query_only" ->
          OFF.contains(value) ? Verdict.NOTHING : Verdict.REFUSE;
      default -> Verdict.RUN;
    };
  }

  /** Tells whether setting the pragma returns its value as a row. */
  static boolean answersWhenSet(SqlStatement pragma) {
    return !"temp_store".equals(pragma.pragmaName());
  }

  /** Says why a pragma is refused or its value kept, and what to do instead. */
  static String reason(SqlStatement pragma) {
    String name = String.valueOf(pragma.pragmaName());
    String instead = instead(name);
    return "PRAGMA "
        + name
        + " cannot be set to "
        + pragma.pragmaValue()
        + " on a connection of HA SQLite"
        + (instead == null ? "" : ": " + instead);
  }

  private static @Nullable String instead(String name) {
    return switch (name) {
      case "temp_store" -> "it would drop the temporary triggers that capture changes";
      case "journal_mode" -> "replication needs WAL";
      case "locking_mode" -> "the engine writes to the database too";
      case "query_only" -> "use Connection.setReadOnly(true)";
      case "recursive_triggers" -> "capture depends on it";
      case "writable_schema", "schema_version" ->
          "schema changes must be statements that other nodes can run";
      default -> null;
    };
  }

  private static Verdict keepUnless(boolean fits) {
    return fits ? Verdict.RUN : Verdict.KEEP;
  }
}
