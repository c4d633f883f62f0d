package io.hasqlite.faults;

import io.nats.client.support.JsonParseException;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * What a server says of itself over its monitoring port. What the leader of a stream says of its
 * replicas is not enough to wipe a disk by: it takes a server that came back without its data for
 * one that has all that it had, until the next message.
 */
final class ServerMonitor {

  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final URI address;

  ServerMonitor(int port) {
    address = URI.create("http://127.0.0.1:" + port);
  }

  /** Fails unless the server knows, of all others, which streams and consumers there are. */
  void checkHealth() throws IOException {
    get("/healthz?js-server-only=true");
  }

  /** Returns, for each stream of which the server has a copy, the last sequence in that copy. */
  Map<String, Long> lastSequences() throws IOException {
    try {
      Map<String, Long> sequences = new HashMap<>();
      JsonValue answer = JsonParser.parse(get("/jsz?streams=true"));
      for (JsonValue account : JsonValueUtils.readArray(answer, "account_details")) {
        for (JsonValue stream : JsonValueUtils.readArray(account, "stream_detail")) {
          JsonValue state = JsonValueUtils.readObject(stream, "state");
          sequences.put(
              JsonValueUtils.readString(stream, "name"),
              JsonValueUtils.readLong(state, "last_seq", 0));
        }
      }
      return sequences;
    } catch (JsonParseException e) {
      throw new IOException(address + " answers nonsense", e);
    }
  }

  /** An answer that is no success is an exception. */
  private byte[] get(String path) throws IOException {
    URLConnection connection = address.resolve(path).toURL().openConnection();
    connection.setConnectTimeout((int) TIMEOUT.toMillis());
    connection.setReadTimeout((int) TIMEOUT.toMillis());
    try (InputStream in = connection.getInputStream()) {
      return in.readAllBytes();
    }
  }
}
