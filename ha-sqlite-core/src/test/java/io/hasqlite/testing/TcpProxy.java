package io.hasqlite.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a client and a server and makes the network bad: what one side sends can be held
 * back, thrown away or slowed down, and connections can be cut, also in the middle of a message.
 */
public final class TcpProxy implements AutoCloseable {

  private enum Flow {
    PASS,
    HOLD,
    DROP
  }

  /** What shows that the server has answered a publish. */
  private static final byte[] ACKNOWLEDGEMENT = "\"seq\":".getBytes(StandardCharsets.UTF_8);

  private final int serverPort;
  private final ServerSocket listener;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile Flow requests = Flow.PASS;
  private volatile Flow answers = Flow.PASS;
  private volatile Duration delay = Duration.ZERO;
  private volatile boolean refusing;
  private @Nullable Trap trap; // guarded by the lock

  private TcpProxy(int serverPort) throws IOException {
    this.serverPort = serverPort;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start("accept", this::accept);
  }

  /** Starts a proxy of a server on this machine; everything passes. */
  public static TcpProxy to(int serverPort) {
    try {
      return new TcpProxy(serverPort);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the address for NATS clients. */
  public String url() {
    return "nats://127.0.0.1:" + listener.getLocalPort();
  }

  /** Returns how many connections of clients there are. */
  public int connections() {
    return links.size();
  }

  /** What the server sends from now on is lost. */
  public void dropAnswers() {
    set(() -> answers = Flow.DROP);
  }

  /** What the client sends from now on is lost. */
  public void dropRequests() {
    set(() -> requests = Flow.DROP);
  }

  /** What the client sends from now on arrives when {@link #pass} is called. */
  public void holdRequests() {
    set(() -> requests = Flow.HOLD);
  }

  /** What the server sends from now on arrives when {@link #pass} is called. */
  public void holdAnswers() {
    set(() -> answers = Flow.HOLD);
  }

  /** Everything that is sent from now on takes so much longer, until {@link #pass} is called. */
  public void slow(Duration value) {
    set(() -> delay = value);
  }

  /** Everything passes from now on, what was held first; traps are gone. */
  public void pass() {
    set(
        () -> {
          refusing = false;
          requests = Flow.PASS;
          answers = Flow.PASS;
          delay = Duration.ZERO;
          trap = null;
        });
  }

  /** Breaks all connections: what is held is lost. New ones are accepted. */
  public void cut() {
    links.forEach(Link::close);
  }

  /** Breaks all connections, and refuses new ones until {@link #pass} is called. */
  public void refuse() {
    refusing = true;
    cut();
  }

  /**
   * Resets the next connection on which a client sends a text, right behind that text.
   *
   * @return done when it has happened
   */
  public Future<?> resetInside(String text) {
    return set(new Trap(true, text.getBytes(StandardCharsets.UTF_8), new CompletableFuture<>()));
  }

  /**
   * Cuts the next connection on which a client publishes with a text in the message, when the
   * server has stored the message and acknowledges it: the acknowledgement is lost.
   *
   * @return done when it has happened
   */
  public Future<?> loseAcknowledgementOf(String text) {
    return set(new Trap(false, text.getBytes(StandardCharsets.UTF_8), new CompletableFuture<>()));
  }

  private record Trap(boolean reset, byte[] text, CompletableFuture<@Nullable Void> sprung) {}

  private Future<?> set(Trap value) {
    set(() -> trap = value);
    return value.sprung();
  }

  private void set(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        if (refusing) {
          client.close();
          continue;
        }
        try {
          Link link = new Link(client, new Socket(InetAddress.getLoopbackAddress(), serverPort));
          links.add(link);
          start("requests", () -> link.pump(true));
          start("answers", () -> link.pump(false));
        } catch (IOException e) {
          client.close(); // the server is away: the client finds out
        }
        if (refusing) {
          cut();
        }
      } catch (IOException e) {
        // closed
      }
    }
  }

  /** Both sides of one connection. */
  private final class Link {

    private final Socket client;
    private final Socket server;
    private volatile @Nullable Trap losing;

    Link(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void pump(boolean isRequest) {
      byte[] buffer = new byte[16 * 1024];
      try {
        InputStream in = (isRequest ? client : server).getInputStream();
        OutputStream out = (isRequest ? server : client).getOutputStream();
        for (int length; (length = in.read(buffer)) >= 0; ) {
          if (!mayPass(isRequest)) {
            continue;
          }
          int passing = isRequest ? request(buffer, length) : answer(buffer, length);
          out.write(buffer, 0, passing);
          out.flush();
          if (passing < length && losing == null) {
            reset();
          }
        }
      } catch (IOException e) {
        // the connection is cut
      } finally {
        close();
      }
    }

    /** Waits while bytes are held or delayed; false if they are lost. */
    private boolean mayPass(boolean isRequest) {
      lock.lock();
      try {
        for (long left = delay.toNanos(); left > 0 && !delay.isZero() && !client.isClosed(); ) {
          left = changed.awaitNanos(left);
        }
        while ((isRequest ? requests : answers) == Flow.HOLD && !client.isClosed()) {
          changed.await();
        }
        return (isRequest ? requests : answers) == Flow.PASS;
      } catch (InterruptedException e) {
        throw new IllegalStateException("Nobody interrupts a proxy's threads", e);
      } finally {
        lock.unlock();
      }
    }

    /** Returns how many of the bytes pass: fewer than all if the connection ends inside them. */
    private int request(byte[] bytes, int length) {
      lock.lock();
      try {
        Trap set = trap;
        int at = set == null ? -1 : indexOf(bytes, length, set.text());
        if (set == null || at < 0) {
          return length;
        }
        trap = null;
        if (!set.reset()) {
          losing = set;
          return length;
        }
        set.sprung().complete(null);
        return Math.min(length - 1, at + set.text().length);
      } finally {
        lock.unlock();
      }
    }

    private int answer(byte[] bytes, int length) {
      Trap set = losing;
      if (set == null) {
        return length;
      }
      if (indexOf(bytes, length, ACKNOWLEDGEMENT) >= 0) {
        close();
        set.sprung().complete(null);
      }
      return 0;
    }

    private void reset() {
      try {
        client.setSoLinger(true, 0);
        server.setSoLinger(true, 0);
      } catch (IOException e) {
        // it is closed already
      }
      close();
    }

    void close() {
      links.remove(this);
      try (client) {
        server.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      set(() -> {}); // wakes what is held
    }
  }

  private static int indexOf(byte[] bytes, int length, byte[] wanted) {
    for (int i = 0; i + wanted.length <= length; i++) {
      int matched = 0;
      while (matched < wanted.length && bytes[i + matched] == wanted[matched]) {
        matched++;
      }
      if (matched == wanted.length) {
        return i;
      }
    }
    return -1;
  }

  private static void start(String what, Runnable loop) {
    Thread thread = new Thread(loop, "tcp-proxy-" + what);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cut();
    pass();
  }
}
