/** Migrations of replicated databases, on one node at a time. */
@NullMarked
package io.hasqlite.boot.autoconfigure.migration;

import org.jspecify.annotations.NullMarked;
