package io.hasqlite.stream.nats;

import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.nats.RequestFailedException.Reason;
import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener.Events;
import io.nats.client.Consumer;
import io.nats.client.Dispatcher;
import io.nats.client.ErrorListener;
import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import io.nats.client.MessageHandler;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.ServerInfo;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A connection to NATS that several databases of one process share. It connects and reconnects for
 * ever, in the background, until it is closed. While it is not connected nothing is buffered: every
 * request fails at once. Safe for use by several threads.
 */
public final class NatsConnection implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(NatsConnection.class);

  /** A refused login takes this long too: the client waits for a greeting that never comes. */
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  private static final Duration RECONNECT_WAIT = Duration.ofMillis(250);
  private static final Duration RECONNECT_JITTER = Duration.ofMillis(500);

  /** A dead network is noticed after this time times {@link #PINGS_MAX}. */
  private static final Duration PING_INTERVAL = Duration.ofSeconds(10);

  private static final int PINGS_MAX = 2;

  private final NatsConnectionOptions options;
  private final String name;
  private final AtomicLong reconnects = new AtomicLong();
  private final Set<CompletableFuture<Message>> unanswered = ConcurrentHashMap.newKeySet();
  private final List<Runnable> disconnectListeners = new CopyOnWriteArrayList<>();
  private final Thread connector;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Answerer> answerers = new CopyOnWriteArrayList<>();
  private volatile @Nullable Connection client;
  private volatile @Nullable String lastFailure;
  private volatile boolean closed;
  private volatile boolean lost; // written by the client's thread for events, and by the connector

  private NatsConnection(NatsConnectionOptions options, String name) {
    this.options = options;
    this.name = name;
    connector = new Thread(this::stayConnected, "ha-sqlite-nats-" + name);
    connector.setDaemon(true);
  }

  /**
   * Starts to connect in the background and returns at once.
   *
   * @param name what the server shows for this connection: the node
   */
  public static NatsConnection open(NatsConnectionOptions options, String name) {
    NatsConnection connection = new NatsConnection(options, name);
    connection.connector.start();
    return connection;
  }

  /**
   * Connects.
   *
   * @param name what the server shows for this connection: the node
   * @throws StreamException if there is no connection in time; nothing stays open then
   */
  public static NatsConnection connect(
      NatsConnectionOptions options, String name, Duration timeout) {
    NatsConnection connection = open(options, name);
    try {
      connection.awaitConnected(timeout);
      return connection;
    } catch (RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /**
   * Waits for the connection.
   *
   * @throws StreamException if there is none in time, or the thread was interrupted (its flag is
   *     kept); it goes on connecting
   */
  public void awaitConnected(Duration timeout) {
    long left = timeout.toNanos();
    lock.lock();
    try {
      while (!isConnected()) {
        if (closed) {
          throw new StreamException(
              "The connection to NATS at " + options + " is closed", false, null);
        }
        if (left <= 0) {
          throw new StreamException(
              "No connection to NATS at "
                  + options
                  + " within "
                  + timeout.toMillis()
                  + " ms"
                  + because()
                  + ". Start the server, or correct the address and the login",
              true,
              null);
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StreamException("Interrupted while connecting to NATS at " + options, true, null);
    } finally {
      lock.unlock();
    }
  }

  private String because() {
    String failure = lastFailure;
    return failure == null ? "" : " (" + failure + ")";
  }

  /** Tells whether the server can be reached now. Never blocks. */
  public boolean isConnected() {
    Connection current = client;
    return current != null && current.getStatus() == Connection.Status.CONNECTED;
  }

  /** Returns the address of the server that it is connected to, without a login; else empty. */
  public String server() {
    Connection current = client;
    String url =
        current == null || current.getStatus() != Connection.Status.CONNECTED
            ? null
            : current.getConnectedUrl();
    return url == null ? "" : NatsConnectionOptions.redact(url);
  }

  /** Returns how often the connection was lost and made again. */
  public long reconnects() {
    return reconnects.get();
  }

  /** Returns the version of the server that it is, or was last, connected to; empty if unknown. */
  public String serverVersion() {
    Connection current = client;
    String version = current == null ? null : current.getServerInfo().getVersion();
    return version == null ? "" : version;
  }

  /** Closes the connection; who waits for an answer gets none. May be called twice. */
  @Override
  public void close() {
    Connection last;
    lock.lock();
    try {
      closed = true;
      last = client;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    connector.interrupt();
    if (last != null) {
      closeQuietly(last);
    }
    abandonRequests();
  }

  private void closeQuietly(Connection connection) {
    boolean interrupted = Thread.interrupted();
    try {
      connection.close();
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Names the connection as the server does: every server has another id each time it starts, and
   * every connection another number there.
   */
  String id() {
    Connection current = client;
    if (current == null) {
      return "none";
    }
    ServerInfo info = current.getServerInfo();
    return info.getServerId() + ":" + info.getClientId();
  }

  /** Returns the NATS client for one use; it is another one after a reconnect from scratch. */
  Connection client() {
    Connection current = client;
    if (current == null || current.getStatus() != Connection.Status.CONNECTED) {
      throw notConnected();
    }
    return current;
  }

  private StreamException notConnected() {
    return new StreamException("Not connected to NATS at " + options + because(), !closed, null);
  }

  /** Returns how many requests wait for their answer. */
  int outstanding() {
    return unanswered.size();
  }

  /** Has a task run each time the connection breaks; it must not block. */
  void addDisconnectListener(Runnable listener) {
    disconnectListeners.add(listener);
  }

  void removeDisconnectListener(Runnable listener) {
    disconnectListeners.remove(listener);
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @throws RequestFailedException if there is none
   */
  Message request(
      String subject, @Nullable Headers headers, byte @Nullable [] body, Duration timeout)
      throws RequestFailedException {
    CompletableFuture<Message> answer = new CompletableFuture<>();
    // Registered before the connection is looked at: a break after that look finds it.
    unanswered.add(answer);
    CompletableFuture<Message> sent = null;
    try {
      sent = send(subject, headers, body, timeout);
      sent.whenComplete(
          (message, failure) -> {
            if (failure == null) {
              answer.complete(message);
            } else {
              answer.completeExceptionally(failure);
            }
          });
      return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | CancellationException e) {
      throw new RequestFailedException(
          Reason.NO_ANSWER, "no answer within " + timeout.toMillis() + " ms");
    } catch (ExecutionException e) {
      throw failed(Objects.requireNonNullElse(e.getCause(), e), timeout);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RequestFailedException(
          Reason.NO_ANSWER, "interrupted while waiting for the answer");
    } finally {
      unanswered.remove(answer);
      if (sent != null) {
        sent.cancel(false);
      }
    }
  }

  private CompletableFuture<Message> send(
      String subject, @Nullable Headers headers, byte @Nullable [] body, Duration timeout)
      throws RequestFailedException {
    Connection current = client;
    if (current == null || current.getStatus() != Connection.Status.CONNECTED) {
      throw new RequestFailedException(
          Reason.NOT_SENT, "not connected to NATS at " + options + because());
    }
    try {
      return current.requestWithTimeout(subject, headers, body, timeout);
    } catch (IllegalStateException e) {
      // Thrown before the message is queued: reconnecting, closed, draining or queue full.
      throw new RequestFailedException(Reason.NOT_SENT, String.valueOf(e.getMessage()));
    }
  }

  private static RequestFailedException failed(Throwable cause, Duration timeout) {
    if (cause instanceof RequestFailedException failure) {
      return new RequestFailedException(failure.reason(), String.valueOf(failure.getMessage()));
    }
    if (cause instanceof JetStreamStatusException status) {
      return new RequestFailedException(
          Reason.NO_RESPONDERS, String.valueOf(status.getStatus().getMessage()));
    }
    if (cause instanceof CancellationException || cause instanceof TimeoutException) {
      return new RequestFailedException(
          Reason.NO_ANSWER, "no answer within " + timeout.toMillis() + " ms");
    }
    return new RequestFailedException(
        Reason.NO_ANSWER, NatsConnectionOptions.redact(String.valueOf(cause)));
  }

  /** Answers requests on a subject, over every reconnect, until the result is closed. */
  AutoCloseable answer(String subject, MessageHandler handler) {
    Answerer answerer = new Answerer(subject, handler);
    lock.lock();
    try {
      answerers.add(answerer);
      Connection current = client;
      if (current != null) {
        answerer.start(current);
      }
    } finally {
      lock.unlock();
    }
    return () -> {
      lock.lock();
      try {
        answerers.remove(answerer);
        answerer.stop();
      } finally {
        lock.unlock();
      }
    };
  }

  /** A subscription that outlives the NATS client; guarded by the connection's lock. */
  private static final class Answerer {

    private final String subject;
    private final MessageHandler handler;
    private @Nullable Connection on;
    private @Nullable Dispatcher dispatcher;

    Answerer(String subject, MessageHandler handler) {
      this.subject = subject;
      this.handler = handler;
    }

    void start(Connection connection) {
      if (connection.getStatus() == Connection.Status.CLOSED) {
        return;
      }
      on = connection;
      dispatcher = connection.createDispatcher(handler).subscribe(subject);
    }

    void stop() {
      Connection connection = on;
      Dispatcher running = dispatcher;
      if (connection != null
          && running != null
          && connection.getStatus() != Connection.Status.CLOSED) {
        connection.closeDispatcher(running);
      }
      dispatcher = null;
    }
  }

  /**
   * The client reconnects by itself. It gives up only when the server refuses the login twice,
   * which may be a matter of time too (rotated credentials): then it starts from scratch.
   */
  private void stayConnected() {
    try {
      while (!closed) {
        Connection connection = tryToConnect();
        if (connection != null) {
          adopt(connection);
          awaitEnd(connection);
        }
        if (!closed) {
          pause();
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("Connecting to NATS at {} was ended", options);
    }
  }

  private @Nullable Connection tryToConnect() throws InterruptedException {
    try {
      Connection connection = Nats.connect(clientOptions());
      connection.addConnectionListener((source, event) -> onEvent(source, event));
      return connection;
    } catch (IOException | RuntimeException e) {
      // "Unable to connect to servers" says less than what the error listener heard of the socket.
      boolean vague = e instanceof IOException && !(e instanceof AuthenticationException);
      if (lastFailure == null || !vague) {
        lastFailure = NatsConnectionOptions.redact(String.valueOf(e.getMessage()));
      }
      LOG.debug("No connection to NATS at {}{}", options, because());
      return null;
    }
  }

  private void adopt(Connection connection) {
    boolean again = client != null;
    lock.lock();
    try {
      client = connection;
      lastFailure = null;
      lost = false;
      answerers.forEach(answerer -> answerer.start(connection));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (again) {
      reconnects.incrementAndGet();
    }
    if (closed) {
      closeQuietly(connection);
    }
    LOG.info(
        "Connected to NATS {} at {} as {}",
        serverVersion(),
        NatsConnectionOptions.redact(String.valueOf(connection.getConnectedUrl())),
        name);
  }

  private void awaitEnd(Connection connection) throws InterruptedException {
    lock.lock();
    try {
      while (!closed && connection.getStatus() != Connection.Status.CLOSED) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private void pause() throws InterruptedException {
    long left =
        RECONNECT_WAIT.toNanos() + ThreadLocalRandom.current().nextLong(RECONNECT_JITTER.toNanos());
    lock.lock();
    try {
      while (!closed && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void onEvent(@Nullable Connection source, Events event) {
    switch (event) {
      case DISCONNECTED, CLOSED -> {
        if (!closed && !lost && event == Events.DISCONNECTED) {
          // The client says it again at each attempt that fails.
          lost = true;
          LOG.warn("The connection to NATS at {} is lost; trying again until it is back", options);
        }
        abandonRequests();
        disconnectListeners.forEach(Runnable::run);
      }
      case RECONNECTED -> {
        reconnects.incrementAndGet();
        lastFailure = null;
        lost = false;
        LOG.info(
            "Connected to NATS again at {} as {}",
            source == null
                ? options
                : NatsConnectionOptions.redact(String.valueOf(source.getConnectedUrl())),
            name);
      }
      default -> LOG.debug("NATS at {}: {}", options, event);
    }
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Answers to requests that were sent before the connection broke are lost in most cases. */
  private void abandonRequests() {
    for (CompletableFuture<Message> answer : unanswered) {
      answer.completeExceptionally(
          new RequestFailedException(
              Reason.NO_ANSWER, "the connection to NATS at " + options + " was lost"));
    }
  }

  private Options clientOptions() {
    Options.Builder builder =
        new Options.Builder()
            .servers(options.urls().toArray(String[]::new))
            .connectionName(name)
            .connectionTimeout(CONNECT_TIMEOUT)
            .maxReconnects(-1)
            .reconnectWait(RECONNECT_WAIT)
            .reconnectJitter(RECONNECT_JITTER)
            .reconnectJitterTls(RECONNECT_JITTER)
            .reconnectBufferSize(0)
            .pingInterval(PING_INTERVAL)
            .maxPingsOut(PINGS_MAX)
            .reportNoResponders()
            .supportUTF8Subjects()
            .errorListener(new Errors());
    if (options.username() != null) {
      builder.userInfo(options.username(), options.password());
    }
    if (options.token() != null) {
      builder.token(options.token().toCharArray());
    }
    Path credentialsFile = options.credentialsFile();
    if (credentialsFile != null) {
      builder.authHandler(Nats.credentials(credentialsFile.toString()));
    }
    Path nkeyFile = options.nkeyFile();
    if (nkeyFile != null) {
      builder.authHandler(Nats.credentials(null, nkeyFile.toString()));
    }
    if (options.sslContext() != null) {
      builder.sslContext(options.sslContext().get());
    }
    options.customizer().customize(builder);
    return builder.build();
  }

  /** Gives what the client has to say to our log, without the secrets of URLs. */
  private final class Errors implements ErrorListener {

    @Override
    public void errorOccurred(Connection connection, String error) {
      lastFailure = NatsConnectionOptions.redact(error);
      LOG.atLevel(lost ? Level.DEBUG : Level.WARN)
          .log("NATS at {} reports: {}", options, lastFailure);
    }

    @Override
    public void exceptionOccurred(Connection connection, Exception exception) {
      // The stack trace would show URLs as they are.
      lastFailure = NatsConnectionOptions.redact(String.valueOf(exception));
      LOG.debug("Connection to NATS at {}: {}", options, lastFailure);
    }

    @Override
    public void slowConsumerDetected(Connection connection, Consumer consumer) {
      LOG.warn("NATS at {}: messages were dropped because they were not read in time", options);
    }
  }
}
