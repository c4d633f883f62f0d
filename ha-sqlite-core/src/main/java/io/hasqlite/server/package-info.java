/** The embedded server: a real nats-server as a child process. */
@NullMarked
package io.hasqlite.server;

import org.jspecify.annotations.NullMarked;
