/** Vocabulary of the engine: the values and exceptions that every step of the data path shares. */
@NullMarked
package io.hasqlite;

import org.jspecify.annotations.NullMarked;
