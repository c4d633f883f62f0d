package io.hasqlite.verify;

import io.hasqlite.changeset.RawText;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Hashes values of SQLite one after the other to 128 bits: two independent sequences of 64 bits.
 * Finds mistakes, not forgeries.
 */
final class RowHash {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long SEED_HIGH = 0x9E3779B97F4A7C15L;
  private static final long SEED_LOW = 0xC2B2AE3D27D4EB4FL;

  private long high;
  private long low;

  RowHash() {
    reset();
  }

  void reset() {
    high = SEED_HIGH;
    low = SEED_LOW;
  }

  long high() {
    return high;
  }

  long low() {
    return low;
  }

  /** Adds a value with its type: 1, 1.0, '1' and x'31' are four values. */
  void add(@Nullable Object value) {
    if (value == null) {
      add(0L);
    } else if (value instanceof Long number) {
      add(1L);
      add(number.longValue());
    } else if (value instanceof Double real) {
      add(2L);
      add(Double.doubleToRawLongBits(real));
    } else if (value instanceof String text) {
      add(3L);
      add(text.getBytes(StandardCharsets.UTF_8));
    } else if (value instanceof RawText text) {
      add(3L);
      add(text.bytes());
    } else if (value instanceof byte[] bytes) {
      add(4L);
      add(bytes);
    } else {
      throw new IllegalArgumentException("Not a value of SQLite: " + value.getClass());
    }
  }

  private void add(byte[] bytes) {
    add((long) bytes.length);
    int at = 0;
    for (; at + Long.BYTES <= bytes.length; at += Long.BYTES) {
      add((long) LONGS.get(bytes, at));
    }
    long rest = 0;
    for (; at < bytes.length; at++) {
      rest = rest << Byte.SIZE | bytes[at] & 0xFF;
    }
    add(rest);
  }

  private void add(long word) {
    high = mix(high + SEED_LOW ^ word);
    low = mix(Long.rotateLeft(low, 23) + word * SEED_HIGH);
  }

  /** The finalizer of SplitMix64 (Stafford's variant 13): every bit changes half of all bits. */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
