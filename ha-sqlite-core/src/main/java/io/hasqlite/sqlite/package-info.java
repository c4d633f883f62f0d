/**
 * The SQLite file: opening connections, pragmas, the schema; the only package that knows the
 * driver.
 */
@NullMarked
package io.hasqlite.sqlite;

import org.jspecify.annotations.NullMarked;
