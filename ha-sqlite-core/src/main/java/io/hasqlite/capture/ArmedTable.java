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
 */
record ArmedTable(
    int arm,
    TableSchema schema,
    CaptureTriggers.Mode mode,
    List<String> columns,
    int imageSize,
    boolean mayChangeRowsTwice) {

  static ArmedTable of(
      int arm, TableSchema schema, CaptureTriggers.Mode mode, boolean usersTriggers) {
    return new ArmedTable(
        arm,
        schema,
        mode,
        schema.columnNames(),
        CaptureTriggers.image(schema).size(),
        usersTriggers || schema.foreignKeyActions());
  }

  boolean hasRowid() {
    return schema.rowidName() != null;
  }
}
