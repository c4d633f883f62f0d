package io.hasqlite.apply;

import io.hasqlite.changeset.Change;
import io.hasqlite.changeset.RawText;
import io.hasqlite.changeset.Values;
import io.hasqlite.sql.Ascii;
import io.hasqlite.sqlite.TableSchema;
import io.hasqlite.sqlite.TableSchema.Term;
import io.hasqlite.sqlite.TableSchema.UniqueKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys that a change touches, as 64-bit hashes: its identity and each unique key, of the row
 * before and after. Two changes without a common key do not see each other. A collision only makes
 * two changes look related that are not.
 *
 * @param table stands for any change of the table
 * @param wholeTable stands for a change that may meet any row of the table
 * @param isWhole whether this is such a change: a unique key compares by another collation than
 *     BINARY or has an expression, or the change does not hold all values of a key
 * @param keys the keys, unless it is
 */
record RowKeys(long table, long wholeTable, boolean isWhole, Set<Long> keys) {

  private static final long TABLE = -1;
  private static final long WHOLE_TABLE = -2;
  private static final long IDENTITY = -3;
  private static final long PRIME = 0x9E3779B97F4A7C15L;

  static RowKeys of(TableSchema table, Change change) {
    long name = mixText(PRIME, Ascii.lower(table.name()));
    Set<Long> keys = new java.util.HashSet<>();
    boolean whole = !change.typed();
    if (!whole && change.oldValues() != null) {
      whole = !addKeys(keys, name, table, RowImages.oldValues(table, change));
    } else if (change.oldRowid() != null && change.oldValues() == null) {
      whole = true;
    }
    if (!whole && change.newValues() != null) {
      whole = !addKeys(keys, name, table, RowImages.newValues(table, change));
    }
    return new RowKeys(
        mix(name, TABLE), mix(name, WHOLE_TABLE), whole, whole ? Set.of() : Set.copyOf(keys));
  }

  /** Adds the keys of one image; false if they cannot be told. */
  private static boolean addKeys(
      Set<Long> keys, long name, TableSchema table, Map<String, @Nullable Object> image) {
    List<String> identity = new ArrayList<>(table.identity());
    if (identity.isEmpty()) {
      String rowid = table.rowidColumn() != null ? table.rowidColumn() : table.rowidName();
      identity.add(String.valueOf(rowid));
    }
    if (!image.keySet().containsAll(identity)) {
      return false;
    }
    keys.add(hash(mix(name, IDENTITY), identity, image));
    int index = 0;
    for (UniqueKey unique : table.uniqueKeys()) {
      index++;
      if (!unique.isPlain()) {
        return false;
      }
      List<String> columns = new ArrayList<>();
      for (Term term : unique.terms()) {
        columns.add(Objects.requireNonNull(term.column()));
      }
      if (columns.size() == 1 && columns.get(0).equals(table.rowidName())) {
        continue; // if the rowid identifies, it is the identity; else it is each node's own
      }
      if (!image.keySet().containsAll(columns)) {
        return false;
      }
      if (columns.stream().allMatch(column -> image.get(column) != null)) {
        keys.add(hash(mix(name, index), columns, image));
      }
    }
    return true;
  }

  private static long hash(long seed, List<String> columns, Map<String, @Nullable Object> image) {
    long hash = seed;
    for (String column : columns) {
      hash = mixValue(hash, Values.keyValue(image.get(column)));
    }
    return hash;
  }

  private static long mixValue(long hash, @Nullable Object value) {
    if (value == null) {
      return mix(hash, 1);
    }
    if (value instanceof Long number) {
      return mix(mix(hash, 2), number);
    }
    if (value instanceof Double number) {
      return mix(mix(hash, 3), Double.doubleToLongBits(number));
    }
    if (value instanceof String text) {
      return mixText(mix(hash, 4), text);
    }
    if (value instanceof RawText text) {
      return mixBytes(mix(hash, 5), ByteBuffer.wrap(text.bytes()));
    }
    return mixBytes(mix(hash, 6), (ByteBuffer) value);
  }

  private static long mixText(long hash, String text) {
    long mixed = hash;
    for (int i = 0; i < text.length(); i++) {
      mixed = mix(mixed, text.charAt(i));
    }
    return mix(mixed, text.length());
  }

  private static long mixBytes(long hash, ByteBuffer bytes) {
    long mixed = hash;
    for (int i = bytes.position(); i < bytes.limit(); i++) {
      mixed = mix(mixed, bytes.get(i));
    }
    return mix(mixed, bytes.remaining());
  }

  /** The finalizer of SplitMix64 (Steele, Lea and Flood, 2014) over both. */
  private static long mix(long hash, long value) {
    long z = hash * PRIME + value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
