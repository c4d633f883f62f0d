/** Publishes what other nodes wrote as events of the application. */
@NullMarked
package io.hasqlite.boot.autoconfigure.event;

import org.jspecify.annotations.NullMarked;
