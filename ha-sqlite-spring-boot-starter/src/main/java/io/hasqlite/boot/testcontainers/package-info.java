/** Connects to NATS in a container of Testcontainers. */
@NullMarked
package io.hasqlite.boot.testcontainers;

import org.jspecify.annotations.NullMarked;
