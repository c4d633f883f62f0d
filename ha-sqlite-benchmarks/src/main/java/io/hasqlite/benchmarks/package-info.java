/**
 * What replication costs, as ratios to plain SQLite and plain JetStream on the same machine in the
 * same run. Measured side and baseline alternate, since a machine's speed drifts.
 */
@NullMarked
package io.hasqlite.benchmarks;

import org.jspecify.annotations.NullMarked;
