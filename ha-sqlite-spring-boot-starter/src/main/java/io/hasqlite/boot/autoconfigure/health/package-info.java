/** Shows the state of replication in Actuator's health. */
@NullMarked
package io.hasqlite.boot.autoconfigure.health;

import org.jspecify.annotations.NullMarked;
