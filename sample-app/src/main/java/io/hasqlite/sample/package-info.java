/** A small shop on a database that is replicated to all instances of the application. */
@NullMarked
package io.hasqlite.sample;

import org.jspecify.annotations.NullMarked;
