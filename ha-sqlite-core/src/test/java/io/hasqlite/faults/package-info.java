/**
 * Nodes as real processes on real servers, with faults between them: what must hold whatever fails.
 */
@NullMarked
package io.hasqlite.faults;

import org.jspecify.annotations.NullMarked;
