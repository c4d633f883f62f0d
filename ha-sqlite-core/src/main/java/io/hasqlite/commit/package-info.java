/**
 * The end of a transaction: its changeset gets its place in the stream, then COMMIT or ROLLBACK.
 */
@NullMarked
package io.hasqlite.commit;

import org.jspecify.annotations.NullMarked;
