/** Transactions that are committed in the file and not yet at their place in the stream. */
@NullMarked
package io.hasqlite.outbox;

import org.jspecify.annotations.NullMarked;
