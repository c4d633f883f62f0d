/**
 * The embedded server: a real nats-server as a child process. Beside the data path: it is where the
 * stream lives if nobody else runs a server. {@link io.hasqlite.server.EmbeddedServer} is the
 * entry; it depends on nothing but the root package.
 */
@NullMarked
package io.hasqlite.server;

import org.jspecify.annotations.NullMarked;
