/** Publishing and applying as observations, so that a trace goes from node to node. */
@NullMarked
package io.hasqlite.boot.observation;

import org.jspecify.annotations.NullMarked;
