/** Wires the steps together and runs them: the facade, its options and its state. */
@NullMarked
package io.hasqlite.engine;

import org.jspecify.annotations.NullMarked;
