package io.hasqlite.boot.observation;

import io.hasqlite.MessageTracing;
import io.hasqlite.Origin;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.observation.transport.SenderContext;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishing and applying a message as Micrometer {@link Observation}s, {@code
 * ha.sqlite.message.publish} and {@code ha.sqlite.message.apply}: with tracing, spans of one trace
 * on all nodes. Observes nothing until it knows a registry, which is when the application's beans
 * are there.
 */
public final class ObservationMessageTracing implements MessageTracing {

  private static final Logger log = LoggerFactory.getLogger(ObservationMessageTracing.class);

  private volatile @Nullable ObservationRegistry registry;

  /** From now on, all is observed by a registry. */
  public void observeWith(ObservationRegistry observations) {
    registry = observations;
  }

  private @Nullable ObservationRegistry active() {
    ObservationRegistry known = registry;
    return known == null || known.isNoop() ? null : known;
  }

  @Override
  public @Nullable Object cause() {
    ObservationRegistry known = active();
    return known == null ? null : known.getCurrentObservation();
  }

  @Override
  public Step publishing(
      String database,
      String messageId,
      @Nullable Object cause,
      BiConsumer<String, String> headers) {
    ObservationRegistry known = active();
    if (known == null) {
      return Step.NONE;
    }
    return start(
        () -> {
          SenderContext<BiConsumer<String, String>> context =
              new SenderContext<>(
                  (carrier, name, value) -> {
                    if (carrier != null) {
                      carrier.accept(name, value);
                    }
                  },
                  Kind.PRODUCER);
          context.setCarrier(headers);
          Observation publishing =
              Observation.createNotStarted("ha.sqlite.message.publish", () -> context, known)
                  .contextualName(database + " publish")
                  .lowCardinalityKeyValue("database", database)
                  .highCardinalityKeyValue("message.id", messageId);
          return cause instanceof Observation parent
              ? publishing.parentObservation(parent)
              : publishing;
        });
  }

  @Override
  public Step applying(String database, Origin origin, long sequence, Map<String, String> headers) {
    ObservationRegistry known = active();
    if (known == null) {
      return Step.NONE;
    }
    return start(
        () -> {
          ReceiverContext<Map<String, String>> context =
              new ReceiverContext<>((carrier, name) -> carrier.get(name), Kind.CONSUMER);
          context.setCarrier(headers);
          return Observation.createNotStarted("ha.sqlite.message.apply", () -> context, known)
              .contextualName(database + " apply")
              .lowCardinalityKeyValue("database", database)
              .lowCardinalityKeyValue("origin", origin.node().value())
              .highCardinalityKeyValue("sequence", Long.toString(sequence));
        });
  }

  /** Whatever a handler does, a commit must not fail by it. */
  private static Step start(Supplier<Observation> observation) {
    try {
      return new Observed(observation.get().start());
    } catch (RuntimeException e) {
      log.debug("A message is not observed", e);
      return Step.NONE;
    }
  }

  private record Observed(Observation observation) implements Step {

    @Override
    public void failed(Throwable cause) {
      try {
        observation.error(cause);
      } catch (RuntimeException e) {
        log.debug("The failure of a message is not observed", e);
      }
    }

    @Override
    public void close() {
      try {
        observation.stop();
      } catch (RuntimeException e) {
        log.debug("The end of a message is not observed", e);
      }
    }
  }
}
