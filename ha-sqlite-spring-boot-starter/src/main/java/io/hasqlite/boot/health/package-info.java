/** The state of replication as a health indicator. */
@NullMarked
package io.hasqlite.boot.health;

import org.jspecify.annotations.NullMarked;
