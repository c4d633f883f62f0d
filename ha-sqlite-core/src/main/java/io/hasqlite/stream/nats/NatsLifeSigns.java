package io.hasqlite.stream.nats;

import io.hasqlite.stream.LifeSigns;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.nats.RequestFailedException.Reason;
import java.time.Duration;

/** Signs of life as answers to requests on a subject of the name; nothing of it is stored. */
public final class NatsLifeSigns implements LifeSigns {

  private static final byte[] SIGN = {'1'};

  private final NatsConnection connection;
  private final String prefix;

  /** Serves the nodes of one stream. */
  public NatsLifeSigns(NatsConnection connection, String stream) {
    this.connection = connection;
    this.prefix = "ha_sqlite.alive." + stream + ".";
  }

  @Override
  public AutoCloseable give(String name) {
    return connection.answer(
        prefix + name,
        request -> {
          if (request.getReplyTo() != null) {
            request.getConnection().publish(request.getReplyTo(), SIGN);
          }
        });
  }

  @Override
  public boolean areGiven(String name, Duration timeout) {
    try {
      connection.request(prefix + name, null, null, timeout);
      return true;
    } catch (RequestFailedException e) {
      if (e.reason() == Reason.NOT_SENT || !connection.isConnected()) {
        throw new StreamException(
            "Asking for signs of life on " + prefix + name + ": " + e.getMessage(), true, e);
      }
      return false;
    }
  }
}
