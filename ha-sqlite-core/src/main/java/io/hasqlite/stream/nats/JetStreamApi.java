package io.hasqlite.stream.nats;

import io.hasqlite.stream.StreamException;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.PurgeOptions;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerCreateRequest;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.MessageGetRequest;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PurgeResponse;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.SuccessApiResponse;
import io.nats.client.support.JsonParseException;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The requests to JetStream about one stream. The client's own management API is not used: it
 * cannot tell "nobody is there" from "no answer", and it reads messages as direct gets, which any
 * replica answers, where the stream allows them (it even remembers that by the stream's name, for
 * all servers together).
 */
final class JetStreamApi {

  static final int NO_SUITABLE_PEERS = 10005;
  static final int CONSUMER_NOT_FOUND = 10014;
  static final int MESSAGE_NOT_FOUND = 10037;
  static final int NOT_ENABLED_FOR_ACCOUNT = 10039;
  static final int STREAM_NAME_IN_USE = 10058;

  /** In a cluster for a moment after the consumer was deleted. */
  static final int CONSUMER_NAME_IN_USE = 10013;

  /** Where another process made it first, in the same instant. */
  static final int CONSUMER_EXISTS = 10148;

  static final int STREAM_NOT_FOUND = 10059;
  static final int SUBJECTS_OVERLAP = 10065;
  static final int REPLICAS_NOT_SUPPORTED = 10074;
  static final int NOT_ENABLED = 10076;

  private static final String PREFIX = "$JS.API.";

  /** The server's own code for "not now": no leader, no peers, shutting down. */
  private static final int UNAVAILABLE = 503;

  /** From here on the server's own failures, such as half an answer about what was just deleted. */
  private static final int SERVER_ERRORS = 500;

  private final NatsConnection connection;
  private final String stream;
  private final Duration timeout;

  JetStreamApi(NatsConnection connection, String stream, Duration timeout) {
    this.connection = connection;
    this.stream = stream;
    this.timeout = timeout;
  }

  StreamInfo streamInfo() throws JetStreamApiException {
    return new StreamInfo(ask("STREAM.INFO." + stream, null)).throwOnHasError();
  }

  StreamInfo createStream(StreamConfiguration configuration) throws JetStreamApiException {
    byte[] body = configuration.toJson().getBytes(StandardCharsets.UTF_8);
    return new StreamInfo(ask("STREAM.CREATE." + stream, body)).throwOnHasError();
  }

  /** Reads a message from the stream's leader. */
  Optional<MessageInfo> message(MessageGetRequest request) {
    Message answer = ask("STREAM.MSG.GET." + stream, request.serialize());
    try {
      return Optional.of(new MessageInfo(answer, stream, false).throwOnHasError());
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() == MESSAGE_NOT_FOUND) {
        return Optional.empty();
      }
      throw refused("read a message", e);
    }
  }

  Optional<ConsumerInfo> consumer(String name) {
    try {
      Message answer = ask("CONSUMER.INFO." + stream + "." + name, null);
      return Optional.of(new ConsumerInfo(answer).throwOnHasError());
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() == CONSUMER_NOT_FOUND) {
        return Optional.empty();
      }
      throw refused("look up consumer " + name, e);
    }
  }

  List<ConsumerInfo> consumers() {
    List<ConsumerInfo> found = new ArrayList<>();
    int total = Integer.MAX_VALUE;
    while (found.size() < total) {
      byte[] body = ("{\"offset\":" + found.size() + "}").getBytes(StandardCharsets.UTF_8);
      JsonValue page = page(ask("CONSUMER.LIST." + stream, body));
      List<JsonValue> infos = JsonValueUtils.readArray(page, "consumers");
      infos.forEach(info -> found.add(new ConsumerInfo(info)));
      total = infos.isEmpty() ? 0 : JsonValueUtils.readInteger(page, "total", 0);
    }
    return found;
  }

  private JsonValue page(Message answer) {
    try {
      JsonValue page = JsonParser.parse(answer.getData());
      JsonValue error = JsonValueUtils.readValue(page, "error");
      if (error == null) {
        return page;
      }
      boolean later = JsonValueUtils.readInteger(error, "code", 0) == UNAVAILABLE;
      throw new StreamException(
          "Stream " + stream + ": the server refused to list consumers: " + error.toJson(),
          later || JsonValueUtils.readInteger(error, "err_code", 0) == STREAM_NOT_FOUND,
          null);
    } catch (JsonParseException e) {
      throw new StreamException(
          "Stream " + stream + ": the list of consumers is not readable", true, e);
    }
  }

  ConsumerInfo createConsumer(String name, String filter, ConsumerConfiguration configuration) {
    try {
      byte[] body =
          new ConsumerCreateRequest(stream, configuration, ConsumerCreateRequest.Action.Create)
              .serialize();
      Message answer = ask("CONSUMER.CREATE." + stream + "." + name + "." + filter, body);
      return new ConsumerInfo(answer).throwOnHasError();
    } catch (JetStreamApiException e) {
      throw refused("make consumer " + name, e);
    }
  }

  /** Deletes a consumer; no error if there is none. */
  void deleteConsumer(String name) {
    try {
      Message answer = ask("CONSUMER.DELETE." + stream + "." + name, null);
      new SuccessApiResponse(answer).throwOnHasError();
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() != CONSUMER_NOT_FOUND) {
        throw refused("delete consumer " + name, e);
      }
    }
  }

  /** Removes the messages of one subject; no error if there are none. */
  void purge(String subject) {
    try {
      byte[] body = PurgeOptions.subject(subject).toJson().getBytes(StandardCharsets.UTF_8);
      new PurgeResponse(ask("STREAM.PURGE." + stream, body)).throwOnHasError();
    } catch (JetStreamApiException e) {
      throw refused("remove messages of " + subject, e);
    }
  }

  private Message ask(String what, byte @Nullable [] body) {
    try {
      return connection.request(PREFIX + what, null, body, timeout);
    } catch (RequestFailedException e) {
      throw switch (e.reason()) {
        case NOT_SENT, NO_ANSWER ->
            new StreamException(
                "Stream " + stream + ": request " + what + ": " + e.getMessage(), true, e);
        case NO_RESPONDERS -> jetStreamMissing(e);
      };
    }
  }

  private StreamException jetStreamMissing(Exception cause) {
    return new StreamException(
        "Stream "
            + stream
            + ": JetStream is not enabled on the NATS server. Start nats-server with -js or with"
            + " jetstream {} in its configuration (and in the account that is used here)",
        true,
        cause);
  }

  /** Says in a sentence what an error of the server means; {@code what} is what was tried. */
  StreamException refused(String what, JetStreamApiException cause) {
    return switch (cause.getApiErrorCode()) {
      case NOT_ENABLED, NOT_ENABLED_FOR_ACCOUNT -> jetStreamMissing(cause);
      case STREAM_NOT_FOUND ->
          new StreamException(
              "Stream "
                  + stream
                  + " does not exist (any more). If it was deleted, what it held is lost: restore"
                  + " it from a backup of the NATS server, or restart the nodes to begin anew",
              true,
              cause);
      case NO_SUITABLE_PEERS ->
          new StreamException(
              "Stream "
                  + stream
                  + ": the cluster has fewer servers at the moment than the stream needs (replicas): "
                  + cause.getMessage(),
              true,
              cause);
      default ->
          new StreamException(
              "Stream " + stream + ": the server refused to " + what + ": " + cause.getMessage(),
              cause.getErrorCode() >= SERVER_ERRORS
                  || cause.getApiErrorCode() == CONSUMER_NAME_IN_USE
                  || cause.getApiErrorCode() == CONSUMER_EXISTS,
              cause);
    };
  }
}
