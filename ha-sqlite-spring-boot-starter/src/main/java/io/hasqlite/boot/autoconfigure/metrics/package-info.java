/** Registers the metrics of replication with Micrometer. */
@NullMarked
package io.hasqlite.boot.autoconfigure.metrics;

import org.jspecify.annotations.NullMarked;
