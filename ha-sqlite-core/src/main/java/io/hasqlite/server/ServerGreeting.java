package io.hasqlite.server;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a nats-server says to everyone who connects.
 *
 * @param version its version
 * @param jetStream whether it has JetStream
 */
record ServerGreeting(String version, boolean jetStream) {

  private static final int TIMEOUT_MS = 2_000;
  private static final int GREETING_BYTES_MAX = 64 << 10;

  private static final Pattern VERSION = Pattern.compile("\"version\":\"([^\"]*)\"");

  /** Connects and reads it; empty if what answers does not greet like a nats-server. */
  static Optional<ServerGreeting> read(URI url) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(TIMEOUT_MS);
      String host = url.getHost().replaceAll("^\\[|]$", "");
      socket.connect(new InetSocketAddress(host, url.getPort()), TIMEOUT_MS);
      StringBuilder line = new StringBuilder();
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (int next = in.read();
          next >= 0 && next != '\n' && line.length() < GREETING_BYTES_MAX;
          next = in.read()) {
        line.append((char) next);
      }
      return parse(line.toString());
    }
  }

  static Optional<ServerGreeting> parse(String line) {
    Matcher version = VERSION.matcher(line);
    return line.startsWith("INFO ") && version.find()
        ? Optional.of(new ServerGreeting(version.group(1), line.contains("\"jetstream\":true")))
        : Optional.empty();
  }
}
