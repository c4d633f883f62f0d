package io.hasqlite.sample;

import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import org.springframework.web.server.ResponseStatusException;

/** Speaks to the other nodes at the addresses that are configured. */
@Component
class OtherNodes {

  private static final Logger log = LoggerFactory.getLogger(OtherNodes.class);

  /** So long the page shows what it knew. */
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  /** The first write of a burst may wait for the stream. */
  private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(10);

  private final Map<String, String> addresses;
  private final RestClient asking = client(TIMEOUT);
  private final RestClient commanding = client(COMMAND_TIMEOUT);

  OtherNodes(ShopProperties properties) {
    this.addresses = properties.nodes();
  }

  private static RestClient client(Duration timeout) {
    JdkClientHttpRequestFactory requests =
        new JdkClientHttpRequestFactory(
            HttpClient.newBuilder()
                .connectTimeout(TIMEOUT)
                .proxy(ProxySelector.of(null)) // they are beside this one
                .build());
    requests.setReadTimeout(timeout);
    return RestClient.builder().requestFactory(requests).build();
  }

  Map<String, String> addresses() {
    return addresses;
  }

  /** Asks a node how it is; null if nobody, or another node, answers at its address. */
  @Nullable NodeView ask(String name) {
    String address = addresses.get(name);
    if (address == null) {
      return null;
    }
    try {
      NodeView view = asking.get().uri(address + "/api/node").retrieve().body(NodeView.class);
      return view != null && view.node().equals(name) ? view : null;
    } catch (RestClientException e) {
      log.debug("Node {} does not answer at {}", name, address, e);
      return null;
    }
  }

  /**
   * Passes a command on. Only to a node that answers by that name: a wrong address must not lead
   * back here.
   */
  void command(String name, String command) {
    if (ask(name) == null) {
      throw new ResponseStatusException(
          HttpStatus.SERVICE_UNAVAILABLE, "Node " + name + " does not answer");
    }
    commanding
        .post()
        .uri(addresses.get(name) + "/api/nodes/{name}/{command}", name, command)
        .contentType(MediaType.APPLICATION_JSON)
        .body("{}")
        .exchange(
            (request, response) -> {
              if (response.getStatusCode().isError()) {
                Refusal refusal = response.bodyTo(Refusal.class);
                throw new ResponseStatusException(
                    response.getStatusCode(), refusal == null ? null : refusal.detail());
              }
              return "";
            });
  }

  private record Refusal(@Nullable String detail) {}
}
