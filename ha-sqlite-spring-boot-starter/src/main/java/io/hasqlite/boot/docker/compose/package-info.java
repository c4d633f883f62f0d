/** Connects to NATS in a service of Docker Compose. */
@NullMarked
package io.hasqlite.boot.docker.compose;

import org.jspecify.annotations.NullMarked;
