/** Where changesets go: the stream, or a publisher of the user's own. */
@NullMarked
package io.hasqlite.publish;

import org.jspecify.annotations.NullMarked;
