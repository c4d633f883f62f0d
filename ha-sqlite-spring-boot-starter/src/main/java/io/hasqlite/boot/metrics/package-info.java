/** Replication in numbers, for Micrometer. */
@NullMarked
package io.hasqlite.boot.metrics;

import org.jspecify.annotations.NullMarked;
