/** What the application holds: data source, connections and statements, and the write lock. */
@NullMarked
package io.hasqlite.jdbc;

import org.jspecify.annotations.NullMarked;
