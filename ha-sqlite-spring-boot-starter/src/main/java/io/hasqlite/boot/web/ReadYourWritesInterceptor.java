package io.hasqlite.boot.web;

import io.hasqlite.engine.HaSqlite;
import java.io.IOException;
import java.net.HttpCookie;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;

/**
 * Brings what this client has seen to the next node that it asks: the counterpart of {@link
 * ReadYourWritesFilter}, for a {@code RestClient}. It knows what the responses brought, and what
 * the databases of this application show.
 *
 * <p>Everything that is asked through one interceptor sees what anything asked through it has seen:
 * give clients that have nothing to do with each other one each. Safe for use by several threads.
 */
public final class ReadYourWritesInterceptor implements ClientHttpRequestInterceptor {

  private final List<HaSqlite> databases;
  private final TokenCarrier carrier;
  private final AtomicReference<ClientTokens> seen = new AtomicReference<>(ClientTokens.NONE);

  /**
   * Creates an interceptor.
   *
   * @param databases the databases of this application; empty where it has none
   * @param carrier in what the token travels, as the other side has it
   */
  public ReadYourWritesInterceptor(Collection<HaSqlite> databases, TokenCarrier carrier) {
    this.databases = List.copyOf(databases);
    this.carrier = carrier;
  }

  @Override
  public ClientHttpResponse intercept(
      HttpRequest request, byte[] body, ClientHttpRequestExecution execution) throws IOException {
    ClientTokens tokens = Objects.requireNonNull(seen.get()).and(own());
    if (!tokens.isEmpty()) {
      bring(request.getHeaders(), tokens.toString());
    }
    ClientHttpResponse response = execution.execute(request, body);
    ClientTokens brought = ClientTokens.parse(token(response.getHeaders()));
    if (!brought.isEmpty()) {
      seen.accumulateAndGet(brought, ClientTokens::and);
    }
    return response;
  }

  private ClientTokens own() throws IOException {
    try {
      return ClientTokens.of(databases);
    } catch (SQLException e) {
      throw new IOException("It cannot be read what this node shows", e);
    }
  }

  private void bring(HttpHeaders headers, String token) {
    if (carrier == TokenCarrier.HEADER) {
      headers.set(ReadYourWritesFilter.HEADER, token);
      return;
    }
    String cookie = ReadYourWritesFilter.COOKIE + "=" + token;
    String others = headers.getFirst(HttpHeaders.COOKIE);
    headers.set(HttpHeaders.COOKIE, others == null ? cookie : others + "; " + cookie);
  }

  private @Nullable String token(HttpHeaders headers) {
    if (carrier == TokenCarrier.HEADER) {
      return headers.getFirst(ReadYourWritesFilter.HEADER);
    }
    for (String header : headers.getOrEmpty(HttpHeaders.SET_COOKIE)) {
      try {
        for (HttpCookie cookie : HttpCookie.parse(header)) {
          if (cookie.getName().equals(ReadYourWritesFilter.COOKIE)) {
            return cookie.getValue();
          }
        }
      } catch (IllegalArgumentException notReadable) {
        // Somebody else's cookie.
      }
    }
    return null;
  }
}
