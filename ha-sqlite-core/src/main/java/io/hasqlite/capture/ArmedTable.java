package io.hasqlite.capture;

import io.hasqlite.sqlite.TableSchema;
import java.util.List;

/**
 * A table whose changes are captured.
 *
 * @param arm the number by which the log knows it: a table that is armed again has another one, so
 *     that the log's older rows keep their meaning when the table changes within a transaction
 * @param schema the table as it was when it was armed
 * @param mode how displaced rows are found
 * @param columns the names of its columns
 * @param imageSize how many values an image has
 * @param mayChangeRowsTwice whether one statement may change a row more than once
 * @param candidateTable the temporary table of the rows that may be displaced: the same whenever
 *     the table is armed again, since it cannot be dropped while a cursor is open
 */
record ArmedTable(
    int arm,
    TableSchema schema,
    CaptureTriggers.Mode mode,
    List<String> columns,
    int imageSize,
    boolean mayChangeRowsTwice,
    String candidateTable) {

  static ArmedTable of(
      int arm,
      TableSchema schema,
      CaptureTriggers.Mode mode,
      boolean usersTriggers,
      String candidateTable) {
    return new ArmedTable(
        arm,
        schema,
        mode,
        schema.columnNames(),
        CaptureTriggers.image(schema).size(),
        usersTriggers || schema.foreignKeyActions(),
        candidateTable);
  }

  boolean hasRowid() {
    return schema.rowidName() != null;
  }
}
