package io.hasqlite.testing;

import io.hasqlite.server.EmbeddedServerOptions;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives a test class a real nats-server:
 *
 * <pre>{@code
 * @RegisterExtension static final NatsServerExtension nats = new NatsServerExtension();
 * }</pre>
 *
 * <p>A private server lives as long as the class and may be stopped and killed; one that a test
 * left stopped runs again for the next test. The {@link #shared()} one is the same for all classes
 * and lives as long as the JVM's tests: use streams of your own there and leave it running.
 */
public final class NatsServerExtension
    implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {

  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(NatsServerExtension.class);

  private final UnaryOperator<EmbeddedServerOptions.Builder> changes;
  private final boolean isShared;
  private @Nullable TestNatsServer server;

  /** Makes a private server. */
  public NatsServerExtension() {
    this(UnaryOperator.identity(), false);
  }

  /** Makes a private server with options that differ from the usual ones. */
  public NatsServerExtension(UnaryOperator<EmbeddedServerOptions.Builder> changes) {
    this(changes, false);
  }

  private NatsServerExtension(
      UnaryOperator<EmbeddedServerOptions.Builder> changes, boolean isShared) {
    this.changes = changes;
    this.isShared = isShared;
  }

  /** Returns the extension that shares one server with all others of its kind. */
  public static NatsServerExtension shared() {
    return new NatsServerExtension(UnaryOperator.identity(), true);
  }

  /** Returns the server. */
  public TestNatsServer server() {
    if (server == null) {
      throw new IllegalStateException(
          "No server yet: the extension must be a static field with @RegisterExtension");
    }
    return server;
  }

  /** Returns the server's address for clients. */
  public String url() {
    return server().url();
  }

  /** Stops the server; what is stored stays. */
  public void stop() {
    server().stop();
  }

  /** Kills the server (SIGKILL). */
  public void kill() {
    server().kill();
  }

  /** Starts the server again at the same address with what it has stored. */
  public void restart() {
    server().restart();
  }

  /** Starts the server again at the same address without any stream. */
  public void restartEmpty() {
    server().restartEmpty();
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    if (isShared) {
      server =
          context
              .getRoot()
              .getStore(NAMESPACE)
              .computeIfAbsent(
                  TestNatsServer.class, key -> TestNatsServer.start(), TestNatsServer.class);
    } else if (server == null) {
      server = TestNatsServer.start(changes);
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (!server().isRunning()) {
      server().restart();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    // Classes inside the test class use its server and do not end it.
    boolean isOutermost = context.getRequiredTestClass().getEnclosingClass() == null;
    if (!isShared && isOutermost && server != null) {
      server.close();
      server = null;
    }
  }
}
