package io.hasqlite.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link PayloadStore} does. */
@Timeout(60)
public abstract class PayloadStoreContractTests {

  private static final int LARGE = 3_000_000;

  /** Returns the store; each test has an empty one. */
  protected abstract PayloadStore store();

  protected static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  protected final byte[] get(String name) throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    return store().get(name, target) ? target.toByteArray() : null;
  }

  protected final void put(String name, byte[] bytes) throws IOException {
    store().put(name, new ByteArrayInputStream(bytes));
  }

  @Test
  void whatIsStoredIsRead() throws IOException {
    put("a b.*>\u00e4", bytes(LARGE));
    put("other", bytes(10));
    assertThat(get("a b.*>\u00e4")).isEqualTo(bytes(LARGE));
    assertThat(get("other")).isEqualTo(bytes(10));
  }

  @Test
  void whatWasNeverStoredIsNotThere() throws IOException {
    assertThat(get("nothing")).isNull();
    put("something", bytes(10));
    assertThat(get("nothing")).isNull();
  }

  @Test
  void whatWasDeletedIsNotThere() throws IOException {
    store().delete("nothing");
    put("a", bytes(LARGE));
    put("b", bytes(10));
    store().delete("a");
    store().delete("a");
    assertThat(get("a")).isNull();
    assertThat(get("b")).isEqualTo(bytes(10));
  }

  @Test
  void contentThatFailsLeavesNothing() throws IOException {
    InputStream broken =
        new SequenceInputStream(
            new ByteArrayInputStream(bytes(LARGE)),
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("broken");
              }
            });
    assertThatThrownBy(() -> store().put("a", broken))
        .isInstanceOf(IOException.class)
        .hasMessage("broken");
    assertThat(get("a")).isNull();
  }

  @Test
  void targetThatFailsIsTold() throws IOException {
    put("a", bytes(10));
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("full");
          }
        };
    assertThatThrownBy(() -> store().get("a", broken))
        .isInstanceOf(IOException.class)
        .hasMessage("full");
  }

  @Test
  void nothingIsWrongWithAStoreOfOurs() throws IOException {
    assertThat(store().check()).isEmpty();
    put("a", bytes(10));
    assertThat(store().check()).isEmpty();
  }
}
