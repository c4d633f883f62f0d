/**
 * SQL text: splitting, classifying, parameters; what a statement touches is asked of SQLite
 * elsewhere.
 */
@NullMarked
package io.hasqlite.sql;

import org.jspecify.annotations.NullMarked;
