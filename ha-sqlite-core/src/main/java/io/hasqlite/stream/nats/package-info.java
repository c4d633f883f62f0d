/** The stream on NATS JetStream; the only package that knows the NATS client. */
@NullMarked
package io.hasqlite.stream.nats;

import org.jspecify.annotations.NullMarked;
