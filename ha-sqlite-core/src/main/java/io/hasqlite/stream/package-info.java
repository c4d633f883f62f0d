/** Ports to the ordered log that all nodes share; no broker type appears here. */
@NullMarked
package io.hasqlite.stream;

import org.jspecify.annotations.NullMarked;
