package io.hasqlite.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hasqlite.testing.InMemoryPayloadStore;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The contract, and the fault that other tests rely on. */
class InMemoryPayloadStoreTests extends PayloadStoreContractTests {

  private final InMemoryPayloadStore store = new InMemoryPayloadStore();

  @Override
  protected InMemoryPayloadStore store() {
    return store;
  }

  @Test
  void canBeAwayAndReturn() throws IOException {
    put("a", bytes(10));
    store.setAway(true);
    assertThatThrownBy(() -> get("a")).isInstanceOf(StreamException.class);
    assertThatThrownBy(() -> put("b", bytes(10))).isInstanceOf(StreamException.class);
    assertThatThrownBy(() -> store.delete("a")).isInstanceOf(StreamException.class);
    store.setAway(false);
    assertThat(store.names()).containsExactly("a");
  }
}
