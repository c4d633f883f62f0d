/** Last step of the data path: the conflict rule, and the position in the same transaction. */
@NullMarked
package io.hasqlite.apply;

import org.jspecify.annotations.NullMarked;
