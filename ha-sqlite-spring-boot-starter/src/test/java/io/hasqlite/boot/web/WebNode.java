package io.hasqlite.boot.web;

import io.hasqlite.testing.TestNode;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.mock.http.client.MockClientHttpRequest;
import org.springframework.mock.http.client.MockClientHttpResponse;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/**
 * A web application on a node: POST writes a row, GET returns how many there are. Its body is
 * flushed, as Spring MVC does, so that headers that come too late are lost.
 */
record WebNode(TestNode node, ReadYourWritesFilter filter) {

  /** Sends requests to the node that is the host's name, without a network. */
  static ClientHttpRequestFactory network(Map<String, WebNode> nodes) {
    return new ClientHttpRequestFactory() {
      @Override
      public ClientHttpRequest createRequest(URI uri, HttpMethod method) {
        return new MockClientHttpRequest(method, uri) {
          @Override
          protected ClientHttpResponse executeInternal() throws IOException {
            return nodes.get(uri.getHost()).handle(this);
          }
        };
      }
    };
  }

  private ClientHttpResponse handle(MockClientHttpRequest sent) throws IOException {
    MockHttpServletRequest request =
        new MockHttpServletRequest(sent.getMethod().name(), sent.getURI().getPath());
    sent.getHeaders()
        .forEach((name, values) -> values.forEach(value -> request.addHeader(name, value)));
    String cookie = sent.getHeaders().getFirst(HttpHeaders.COOKIE);
    if (cookie != null) {
      request.setCookies(
          new Cookie(
              cookie.substring(0, cookie.indexOf('=')), cookie.substring(cookie.indexOf('=') + 1)));
    }
    MockHttpServletResponse response = new MockHttpServletResponse();
    FilterChain application = (in, out) -> work((HttpServletRequest) in, (HttpServletResponse) out);
    try {
      filter.doFilter(request, response, application);
    } catch (ServletException e) {
      throw new IOException(e);
    }
    MockClientHttpResponse received =
        new MockClientHttpResponse(response.getContentAsByteArray(), response.getStatus());
    for (String name : response.getHeaderNames()) {
      response
          .getHeaders(name)
          .forEach(value -> received.getHeaders().add(name, String.valueOf(value)));
    }
    return received;
  }

  private void work(HttpServletRequest request, HttpServletResponse response) throws IOException {
    try {
      if (request.getMethod().equals("POST")) {
        node.run("INSERT INTO t DEFAULT VALUES");
      }
      response
          .getOutputStream()
          .write(
              String.valueOf(node.one("SELECT count(*) FROM t")).getBytes(StandardCharsets.UTF_8));
      response.flushBuffer();
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }
}
