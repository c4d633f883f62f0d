package io.hasqlite.server;

import io.hasqlite.server.EmbeddedServerOptions.Cluster;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Writes the configuration of a nats-server. */
final class ServerConfig {

  private final EmbeddedServerOptions options;
  private final ServerVersion version;

  ServerConfig(EmbeddedServerOptions options, ServerVersion version) {
    this.options = options;
    this.version = version;
  }

  /** Returns the configuration file's text. It may hold the password. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append("# Generated at every start. For settings of your own: ")
        .append(EmbeddedServerOptions.PREFIX)
        .append("config-file\n");
    if (options.name() != null) {
      line(text, "server_name", quote(options.name()));
    }
    line(text, "host", quote(options.host()));
    line(text, "port", options.port() == 0 ? "-1" : String.valueOf(options.port()));
    line(text, "logtime", "false");
    text.append("jetstream {\n");
    line(text, "  store_dir", quote(options.storeDir().toString()));
    Duration sync = options.syncInterval();
    if (sync != null && version.knowsSyncInterval()) {
      line(text, "  sync_interval", sync.isZero() ? "always" : quote(sync.toMillis() + "ms"));
    }
    text.append("}\n");
    authorization(text, "");
    if (options.cluster() != null) {
      cluster(text, options.cluster());
    }
    return text.toString();
  }

  private void cluster(StringBuilder text, Cluster cluster) {
    text.append("cluster {\n");
    line(text, "  name", quote(cluster.name()));
    line(text, "  host", quote(options.host()));
    line(text, "  port", String.valueOf(cluster.port()));
    // Whoever can open a route can read and write everything.
    authorization(text, "  ");
    text.append("  routes: [\n");
    for (String route : cluster.routes()) {
      text.append("    ").append(quote("nats-route://" + userInfo() + route)).append('\n');
    }
    text.append("  ]\n}\n");
  }

  private void authorization(StringBuilder text, String indent) {
    if (options.username() != null && options.password() != null) {
      text.append(indent).append("authorization {\n");
      line(text, indent + "  user", quote(options.username()));
      line(text, indent + "  password", quote(options.password()));
      text.append(indent).append("}\n");
    }
  }

  private String userInfo() {
    return options.username() == null
        ? ""
        : encode(options.username()) + ":" + encode(options.password()) + "@";
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append(key).append(": ").append(value).append('\n');
  }

  private static String quote(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String encode(@Nullable String value) {
    return value == null
        ? ""
        : URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
