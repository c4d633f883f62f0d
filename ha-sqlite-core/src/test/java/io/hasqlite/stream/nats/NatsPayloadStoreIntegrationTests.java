package io.hasqlite.stream.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.hasqlite.DatabaseName;
import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import io.hasqlite.stream.PayloadStore;
import io.hasqlite.stream.PayloadStoreContractTests;
import io.hasqlite.stream.StreamException;
import io.hasqlite.stream.StreamOptions;
import io.hasqlite.testing.NatsServerExtension;
import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.PurgeOptions;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class NatsPayloadStoreIntegrationTests extends PayloadStoreContractTests {

  @RegisterExtension static final NatsServerExtension nats = new NatsServerExtension();

  private final StreamOptions options =
      StreamOptions.defaults().withName("t" + UUID.randomUUID()).withMaxAge(Duration.ofHours(3));
  private final String bucket = options.name() + "_PAYLOADS";
  private NatsConnection connection;
  private Connection admin;
  private JetStreamManagement management;
  private NatsChangeStream stream;
  private PayloadStore store;

  @BeforeEach
  void connect() throws Exception {
    connection =
        NatsConnection.connect(
            NatsConnectionOptions.servers(nats.url()).build(), "node1", Duration.ofSeconds(10));
    admin = Nats.connect(nats.url());
    management = admin.jetStreamManagement();
    stream =
        new NatsChangeStream(
            connection, options, new DatabaseName("test"), new Origin(new NodeId("node1"), 1));
    stream.open();
    store = new NatsPayloadStore(connection, options);
  }

  @AfterEach
  void disconnect() throws Exception {
    stream.close();
    connection.close();
    admin.close();
  }

  @Override
  protected PayloadStore store() {
    return store;
  }

  private StreamConfiguration configuration() throws Exception {
    return management.getStreamInfo("OBJ_" + bucket).getConfiguration();
  }

  @Test
  void payloadsStayLongerThanTheMessagesThatNameThem() throws Exception {
    put("a", bytes(10));
    assertThat(configuration().getMaxAge()).isEqualTo(Duration.ofHours(4));
    assertThat(configuration().getStorageType()).isEqualTo(StorageType.File);
    assertThat(store.check()).isEmpty();
  }

  @Test
  void theAgeIsThatOfTheStreamAsItIs() throws Exception {
    StreamConfiguration existing = management.getStreamInfo(options.name()).getConfiguration();
    management.updateStream(
        StreamConfiguration.builder(existing).maxAge(Duration.ofDays(30)).build());
    put("a", bytes(10));
    assertThat(configuration().getMaxAge()).isEqualTo(Duration.ofDays(30).plusHours(1));
  }

  @Test
  void anExistingStoreKeepsItsSettingsAndWhatIsWrongWithThemIsSaid() throws Exception {
    admin
        .objectStoreManagement()
        .create(
            ObjectStoreConfiguration.builder(bucket)
                .ttl(Duration.ofHours(1))
                .maxBucketSize(1_000_000)
                .build());
    put("a", bytes(10));
    assertThat(configuration().getMaxAge()).isEqualTo(Duration.ofHours(1));
    assertThat(store.check())
        .satisfiesExactly(
            age -> assertThat(age).contains(bucket, "PT1H", "PT3H"),
            size -> assertThat(size).contains(bucket, "1000000 bytes"));
    assertThatThrownBy(() -> put("b", bytes(2_000_000)))
        .asInstanceOf(type(StreamException.class))
        .satisfies(e -> assertThat(e).hasMessageContainingAll(bucket, "maximum bytes"));
    assertThat(get("a")).isEqualTo(bytes(10));
  }

  @Test
  void anyClientReadsPayloads() throws Exception {
    put("a", bytes(300_000));
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    admin.objectStore(bucket).get("a", target);
    assertThat(target.toByteArray()).isEqualTo(bytes(300_000));
  }

  @Test
  void aPayloadWithAGapIsNotThere() throws Exception {
    put("a", bytes(300_000));
    management.purgeStream("OBJ_" + bucket, PurgeOptions.subject("$O." + bucket + ".C.>"));
    assertThat(get("a")).isNull();
  }

  @Test
  void whatIsDeletedTakesNoRoom() throws Exception {
    put("a", bytes(300_000));
    store.delete("a");
    assertThat(management.getStreamInfo("OBJ_" + bucket).getStreamState().getMsgCount()).isZero();
  }

  @Test
  void aStoreThatWasRemovedIsMadeAnew() throws Exception {
    put("a", bytes(10));
    admin.objectStoreManagement().delete(bucket);
    assertThat(get("a")).isNull();
    assertThatThrownBy(() -> put("b", bytes(10)))
        .asInstanceOf(type(StreamException.class))
        .satisfies(e -> assertThat(e.isRetryable()).isTrue());
    put("b", bytes(10));
    assertThat(get("b")).isEqualTo(bytes(10));
  }

  @Test
  void withoutAServerEverythingFailsAtOnceAndWorksAgainLater() throws Exception {
    put("a", bytes(10));
    nats.stop();
    for (org.assertj.core.api.ThrowableAssert.ThrowingCallable call :
        java.util.List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
            () -> get("a"), () -> put("b", bytes(10)), () -> store.delete("a"), store::check)) {
      assertThatThrownBy(call)
          .asInstanceOf(type(StreamException.class))
          .satisfies(e -> assertThat(e.isRetryable()).isTrue());
    }
    nats.restart();
    connection.awaitConnected(Duration.ofSeconds(10));
    assertThat(get("a")).isEqualTo(bytes(10));
  }
}
