/** A copy of the confirmed state at one sequence: for nodes that are new, or were away too long. */
@NullMarked
package io.hasqlite.snapshot;

import org.jspecify.annotations.NullMarked;
