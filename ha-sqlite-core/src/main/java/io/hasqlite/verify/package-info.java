/** Beside the data path: nodes compare what they hold at one place of the stream. */
@NullMarked
package io.hasqlite.verify;

import org.jspecify.annotations.NullMarked;
