/** What Spring Data JDBC lacks for SQLite. */
@NullMarked
package io.hasqlite.boot.data;

import org.jspecify.annotations.NullMarked;
