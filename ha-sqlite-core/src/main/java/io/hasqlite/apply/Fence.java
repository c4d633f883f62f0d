package io.hasqlite.apply;

import io.hasqlite.Origin;
import java.time.Duration;

/**
 * What lets one thread of one node commit while nobody else does. It is part of the confirmed
 * state: opened by a message, over with another one.
 *
 * @param number the sequence of the message that opened it
 * @param token what its holder knows it by
 * @param holder who asked for it
 * @param purpose what it is for, for people
 * @param expiry how long its holder may be silent before others end it
 */
public record Fence(long number, String token, Origin holder, String purpose, Duration expiry) {

  @Override
  public String toString() {
    return "fence " + number + " of " + holder + " (" + purpose + ")";
  }
}
