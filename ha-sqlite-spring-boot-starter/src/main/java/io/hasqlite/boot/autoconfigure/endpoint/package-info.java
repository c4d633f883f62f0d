/** Makes Actuator's endpoint of the databases. */
@NullMarked
package io.hasqlite.boot.autoconfigure.endpoint;

import org.jspecify.annotations.NullMarked;
