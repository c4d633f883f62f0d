/** Compares the files of the nodes from outside, for {@code ./quickstart --check}. */
@NullMarked
package io.hasqlite.sample.compare;

import org.jspecify.annotations.NullMarked;
