/** Observes messages where the application observes anything. */
@NullMarked
package io.hasqlite.boot.autoconfigure.observation;

import org.jspecify.annotations.NullMarked;
