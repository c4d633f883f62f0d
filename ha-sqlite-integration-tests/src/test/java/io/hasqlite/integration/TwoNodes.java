package io.hasqlite.integration;

import io.hasqlite.testing.TestNatsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.util.FileSystemUtils;

/**
 * Two instances of one application, each with a database file of its own, on one nats-server; they
 * start one after the other, as the documentation says.
 */
public final class TwoNodes implements BeforeAllCallback, AfterAllCallback, AutoCloseable {

  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(TwoNodes.class);

  private final Class<?> application;
  private final List<String> properties;
  private final WebApplicationType web;

  private boolean isShared;
  private @Nullable TestNatsServer server;
  private @Nullable Path directory;
  private @Nullable Node one;
  private @Nullable Node two;

  /** Two instances without a web server; properties as {@code name=value}. */
  public TwoNodes(Class<?> application, String... properties) {
    this(WebApplicationType.NONE, application, properties);
  }

  /** Two instances. */
  public TwoNodes(WebApplicationType web, Class<?> application, String... properties) {
    this.web = web;
    this.application = application;
    this.properties = List.of(properties);
  }

  /** Two instances for all test classes of the application; they are stopped at the very end. */
  public static TwoNodes shared(
      WebApplicationType web, Class<?> application, String... properties) {
    TwoNodes nodes = new TwoNodes(web, application, properties);
    nodes.isShared = true;
    return nodes;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    if (!isShared) {
      start();
      return;
    }
    TwoNodes running =
        context
            .getRoot()
            .getStore(NAMESPACE)
            .computeIfAbsent(
                application,
                key -> {
                  try {
                    start();
                    return this;
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                },
                TwoNodes.class);
    server = running.server;
    directory = running.directory;
    one = running.one;
    two = running.two;
  }

  private void start() throws IOException {
    server = TestNatsServer.start();
    directory = Files.createTempDirectory("two-nodes");
    one = start("one");
    two = start("two");
  }

  /** Starts an instance; the caller closes it. */
  public Node start(String name, String... more) {
    return new Node(
        new SpringApplicationBuilder(application)
            .web(web)
            .registerShutdownHook(false)
            .run(arguments(name, more).toArray(String[]::new)));
  }

  /** Returns the arguments with which an instance is started. */
  public List<String> arguments(String name, String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.add("--ha.sqlite.path=" + directory.resolve(name + ".db"));
    arguments.add("--ha.sqlite.node-name=" + name);
    arguments.add("--ha.sqlite.cdc-id=app");
    arguments.add("--ha.sqlite.nats.url=" + server.url());
    arguments.add("--server.port=0");
    arguments.add("--spring.flyway.enabled=false");
    properties.forEach(property -> arguments.add("--" + property));
    List.of(more).forEach(property -> arguments.add("--" + property));
    return arguments;
  }

  /** Returns the instance that started first. */
  public Node one() {
    return one;
  }

  /** Returns the other instance. */
  public Node two() {
    return two;
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    if (!isShared) {
      close();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      for (Node node : new Node[] {two, one}) {
        if (node != null) {
          node.close();
        }
      }
    } finally {
      if (server != null) {
        server.close();
      }
      FileSystemUtils.deleteRecursively(directory);
    }
  }
}
