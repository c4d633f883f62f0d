/** What Hibernate lacks for a replicated SQLite database. */
@NullMarked
package io.hasqlite.boot.jpa;

import org.jspecify.annotations.NullMarked;
