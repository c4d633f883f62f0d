/** Reads the stream in order and hands batches to apply. */
@NullMarked
package io.hasqlite.subscribe;

import org.jspecify.annotations.NullMarked;
