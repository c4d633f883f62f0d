/** Makes a replicated database the application's {@code DataSource}; wiring only. */
@NullMarked
package io.hasqlite.boot.autoconfigure;

import org.jspecify.annotations.NullMarked;
