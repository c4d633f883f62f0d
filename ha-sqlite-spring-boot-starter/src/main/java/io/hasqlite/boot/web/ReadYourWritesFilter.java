package io.hasqlite.boot.web;

import io.hasqlite.WriteToken;
import io.hasqlite.engine.HaSqlite;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets a client that goes from node to node read what it wrote: a request that brings a token waits
 * until this node shows what the client has seen, and each response brings a new one.
 *
 * <p>A token comes from outside and may be made up. It can make a request wait, for the given time
 * at most; only {@value #WAITING_MAX} requests wait at once, and what comes then is treated as if
 * its time were over.
 *
 * <p>The token is taken when the response begins. What a handler commits after it wrote the first
 * bytes is not in it.
 */
public final class ReadYourWritesFilter extends OncePerRequestFilter {

  /** The header with the token. */
  public static final String HEADER = "Ha-Sqlite-Token";

  /** The cookie with the token. */
  public static final String COOKIE = "ha-sqlite-token";

  /** In a response that may not show what the client has seen. */
  public static final String STALE_HEADER = "Ha-Sqlite-Stale";

  /** Leaves threads of the server to requests that need not wait; Tomcat has 200 by default. */
  static final int WAITING_MAX = 50;

  private static final String RETRY_SECONDS = "1";

  private final List<HaSqlite> databases;
  private final TokenCarrier carrier;
  private final Duration maxWait;
  private final OnTimeout onTimeout;
  private final Semaphore waiting = new Semaphore(WAITING_MAX);

  /**
   * Creates a filter.
   *
   * @param databases the databases that requests read and write
   * @param carrier in what the token travels
   * @param maxWait how long a request waits at most
   * @param onTimeout what a client gets whose writes are not here by then
   */
  public ReadYourWritesFilter(
      Collection<HaSqlite> databases, TokenCarrier carrier, Duration maxWait, OnTimeout onTimeout) {
    this.databases = List.copyOf(databases);
    this.carrier = carrier;
    this.maxWait = maxWait;
    this.onTimeout = onTimeout;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String brought = token(request);
    ClientTokens seen = ClientTokens.parse(brought);
    boolean shown = showsInTime(seen);
    if (!shown) {
      if (onTimeout == OnTimeout.UNAVAILABLE) {
        response.setHeader(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
        response.sendError(
            HttpServletResponse.SC_SERVICE_UNAVAILABLE, "This node is behind what was seen before");
        return;
      }
      response.setHeader(STALE_HEADER, "true");
    }
    // What this node does not show yet stays in the client's token.
    ClientTokens kept = shown ? ClientTokens.NONE : seen;
    TokenResponse carrying =
        new TokenResponse(
            response, () -> carry(kept.and(now()).toString(), brought, request, response));
    chain.doFilter(request, carrying);
    carrying.bringToken();
  }

  private @Nullable String token(HttpServletRequest request) {
    if (carrier == TokenCarrier.HEADER) {
      return request.getHeader(HEADER);
    }
    Cookie[] cookies = request.getCookies();
    if (cookies != null) {
      for (Cookie cookie : cookies) {
        if (cookie.getName().equals(COOKIE)) {
          return cookie.getValue();
        }
      }
    }
    return null;
  }

  private boolean showsInTime(ClientTokens seen) throws ServletException {
    if (seen.isEmpty()) {
      return true;
    }
    try {
      if (areShown(seen, Duration.ZERO)) {
        return true;
      }
      if (!waiting.tryAcquire()) {
        return false;
      }
      try {
        return areShown(seen, maxWait);
      } finally {
        waiting.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (SQLException e) {
      throw new ServletException("It cannot be read what this node shows", e);
    }
  }

  private boolean areShown(ClientTokens seen, Duration limit)
      throws InterruptedException, SQLException {
    long end = System.nanoTime() + limit.toNanos();
    for (HaSqlite database : databases) {
      WriteToken token = seen.of(database);
      Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
      if (!token.isEmpty() && !database.await(token, left)) {
        return false;
      }
    }
    return true;
  }

  private ClientTokens now() throws IOException {
    try {
      return ClientTokens.of(databases);
    } catch (SQLException e) {
      throw new IOException("It cannot be read what this node shows", e);
    }
  }

  private void carry(
      String token,
      @Nullable String brought,
      HttpServletRequest request,
      HttpServletResponse response) {
    if (carrier == TokenCarrier.HEADER) {
      response.setHeader(HEADER, token);
    } else if (!token.equals(brought)) {
      response.addHeader(
          HttpHeaders.SET_COOKIE,
          ResponseCookie.from(COOKIE, token)
              .path("/")
              .httpOnly(true)
              .secure(request.isSecure())
              .sameSite("Lax")
              .build()
              .toString());
    }
  }
}
