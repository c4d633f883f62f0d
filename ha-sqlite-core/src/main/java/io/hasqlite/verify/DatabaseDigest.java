package io.hasqlite.verify;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The digests of all replicated tables at one moment, and of the schema under the name {@code
 * sqlite_schema}. Two nodes with the same position have the same digests.
 *
 * @param sequence up to where the stream was counted at that moment; 0 without replication
 * @param tables one digest per table, in the order of their names
 */
public record DatabaseDigest(long sequence, List<Digest> tables) {

  /** The name under which the schema is compared: its rows are the users' objects. */
  public static final String SCHEMA = "sqlite_schema";

  /** Copies the list. */
  public DatabaseDigest {
    tables = List.copyOf(tables);
  }

  /** Returns the names of the tables that are not the same in both, in order. */
  public List<String> differences(DatabaseDigest other) {
    return differences(tables, other.tables);
  }

  static List<String> differences(List<Digest> one, List<Digest> another) {
    Map<String, Digest> left = byName(one);
    Map<String, Digest> right = byName(another);
    TreeSet<String> names = new TreeSet<>(left.keySet());
    names.addAll(right.keySet());
    names.removeIf(name -> left.containsKey(name) && left.get(name).equals(right.get(name)));
    return List.copyOf(names);
  }

  private static Map<String, Digest> byName(List<Digest> digests) {
    Map<String, Digest> byName = new HashMap<>();
    digests.forEach(digest -> byName.put(digest.name(), digest));
    return byName;
  }
}
