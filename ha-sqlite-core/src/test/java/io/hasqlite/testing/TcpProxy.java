package io.hasqlite.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Stands between a client and a server and makes the network bad: what one side sends can be held
 * back or thrown away, and connections can be cut.
 */
public final class TcpProxy implements AutoCloseable {

  private enum Flow {
    PASS,
    HOLD,
    DROP
  }

  private final int serverPort;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile Flow requests = Flow.PASS;
  private volatile Flow answers = Flow.PASS;
  private volatile boolean refusing;

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

  /** Everything passes from now on, what was held first. */
  public void pass() {
    set(
        () -> {
          refusing = false;
          requests = Flow.PASS;
          answers = Flow.PASS;
        });
  }

  /** Breaks all connections: what is held is lost. New ones are accepted. */
  public void cut() {
    for (Socket socket : sockets) {
      close(socket);
    }
    sockets.clear();
  }

  /** Breaks all connections, and refuses new ones until {@link #pass} is called. */
  public void refuse() {
    refusing = true;
    cut();
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
          close(client);
          continue;
        }
        Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
        sockets.add(client);
        sockets.add(server);
        start("requests", () -> pump(client, server, true));
        start("answers", () -> pump(server, client, false));
        if (refusing) {
          cut();
        }
      } catch (IOException e) {
        // closed, or the server is away: the client finds out
      }
    }
  }

  private void pump(Socket from, Socket to, boolean isRequest) {
    byte[] buffer = new byte[16 * 1024];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length; (length = in.read(buffer)) >= 0; ) {
        if (mayPass(isRequest, to)) {
          out.write(buffer, 0, length);
          out.flush();
        }
      }
    } catch (IOException e) {
      // the connection is cut
    }
  }

  /** Waits while bytes are held; false if they are lost. */
  private boolean mayPass(boolean isRequest, Socket to) {
    lock.lock();
    try {
      while ((isRequest ? requests : answers) == Flow.HOLD && !to.isClosed()) {
        changed.awaitUninterruptibly();
      }
      return (isRequest ? requests : answers) == Flow.PASS;
    } finally {
      lock.unlock();
    }
  }

  private static void start(String what, Runnable loop) {
    Thread thread = new Thread(loop, "tcp-proxy-" + what);
    thread.setDaemon(true);
    thread.start();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
