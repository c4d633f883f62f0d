package io.hasqlite.apply;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was changed in a table.
 *
 * @param name the table
 * @param rows how many changes of rows there were
 * @param keys the keys of the rows, each as its columns and values (null, {@link Long}, {@link
 *     Double}, {@link String} or {@code byte[]}), old and new where a key changed; {@code rowid}
 *     where no key identifies them. Not all of them where there were too many or too long ones
 * @param allKeys whether {@code keys} are those of all rows
 */
public record ChangedTable(
    String name, long rows, List<Map<String, @Nullable Object>> keys, boolean allKeys) {}
