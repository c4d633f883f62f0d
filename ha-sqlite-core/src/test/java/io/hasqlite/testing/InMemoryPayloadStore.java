package io.hasqlite.testing;

import io.hasqlite.stream.PayloadStore;
import io.hasqlite.stream.StreamException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A {@link PayloadStore} in memory that can be away. */
public final class InMemoryPayloadStore implements PayloadStore {

  private final Map<String, byte[]> payloads = new TreeMap<>();
  private boolean away;

  /** Lets everything fail, or work again. */
  public synchronized void setAway(boolean isAway) {
    away = isAway;
  }

  /** Returns the names of what is stored. */
  public synchronized Set<String> names() {
    return Set.copyOf(payloads.keySet());
  }

  private void requireConnection() {
    if (away) {
      throw new StreamException("The store is away", true, null);
    }
  }

  @Override
  public synchronized List<String> check() {
    requireConnection();
    return List.of();
  }

  @Override
  public synchronized void put(String name, InputStream content) throws IOException {
    requireConnection();
    payloads.put(name, content.readAllBytes());
  }

  @Override
  public synchronized boolean get(String name, OutputStream target) throws IOException {
    requireConnection();
    byte[] payload = payloads.get(name);
    if (payload != null) {
      target.write(payload);
    }
    return payload != null;
  }

  @Override
  public synchronized void delete(String name) {
    requireConnection();
    payloads.remove(name);
  }
}
