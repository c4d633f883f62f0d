package io.hasqlite.apply;

import io.hasqlite.sqlite.SqliteSession;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records the conflicts of a batch as they come, and tells of them after its commit. However many
 * there are, it keeps only the first ones in memory.
 */
final class ConflictLog {

  private static final Logger log = LoggerFactory.getLogger(ConflictLog.class);

  /** So many conflicts of one batch are told one by one; the others are counted. */
  static final int TOLD_MAX = 1_000;

  /** And no more than so many characters of their images are kept until then. */
  private static final long TOLD_CHARACTERS_MAX = 4L * 1024 * 1024;

  private final ControlTables controlTables;
  private final SqliteSession session;
  private final ApplyListener listener;
  private final List<Conflict> told = new ArrayList<>();
  private final Map<Conflict.Kind, Long> counted = new EnumMap<>(Conflict.Kind.class);
  private long toldCharacters;

  ConflictLog(ControlTables controlTables, SqliteSession session, ApplyListener listener) {
    this.controlTables = controlTables;
    this.session = session;
    this.listener = listener;
  }

  /** Writes a conflict, in the transaction that is open. */
  void add(Conflict conflict) throws SQLException {
    controlTables.addConflict(session, conflict);
    String image = conflict.image();
    if (told.size() < TOLD_MAX && toldCharacters < TOLD_CHARACTERS_MAX) {
      told.add(conflict);
      toldCharacters += conflict.reason().length() + (image == null ? 0 : image.length());
    } else {
      counted.merge(conflict.kind(), 1L, Long::sum);
    }
  }

  /** What {@link #backTo} goes back to. */
  record Mark(int told, Map<Conflict.Kind, Long> counted) {}

  /** Returns where the log is now. */
  Mark mark() {
    return new Mark(told.size(), Map.copyOf(counted));
  }

  /** Forgets what was added after a mark, because the transaction went back to a savepoint. */
  void backTo(Mark mark) {
    told.subList(mark.told(), told.size()).clear();
    counted.clear();
    counted.putAll(mark.counted());
  }

  /** Forgets all that was not told, because the transaction was rolled back. */
  void forget() {
    told.clear();
    counted.clear();
    toldCharacters = 0;
  }

  /** Tells what was committed. */
  void tell() {
    for (Conflict conflict : told) {
      if (conflict.kind() == Conflict.Kind.DROPPED) {
        log.warn(
            "A change of table \"{}\" from {} at sequence {} was dropped on every node: {}",
            conflict.table(),
            conflict.origin(),
            conflict.sequence(),
            conflict.reason());
      }
      listener.conflict(conflict);
    }
    counted.forEach(
        (kind, count) -> {
          log.warn("{} more conflicts of the same messages were of kind {}", count, kind);
          listener.moreConflicts(kind, count);
        });
    forget();
  }
}
