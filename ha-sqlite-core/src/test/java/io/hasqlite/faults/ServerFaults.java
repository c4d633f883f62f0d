package io.hasqlite.faults;

import io.hasqlite.testing.TestNatsServer;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Lets one fault after the other happen to the servers, and waits until they have recovered. */
final class ServerFaults {

  private final Servers servers;
  private final Random random;
  private final CountDownLatch stop;

  /**
   * Owns the servers.
   *
   * @param stop ends what lasts
   */
  ServerFaults(Servers servers, Random random, CountDownLatch stop) {
    this.servers = servers;
    this.random = random;
    this.stop = stop;
  }

  /**
   * Lets a fault happen. All replicas are whole before: a server that forgot everything must not
   * find only one beside it that knows it all.
   */
  boolean happen(Fault fault) throws Exception {
    servers.awaitReplicas();
    TestNatsServer server = servers.all().get(random.nextInt(servers.all().size()));
    server.kill();
    stop.await(500 + random.nextInt(3_500), TimeUnit.MILLISECONDS);
    if (fault == Fault.SERVER_WIPED) {
      server.restartEmpty();
    } else {
      server.restart();
    }
    servers.awaitReplicas(fault == Fault.SERVER_WIPED ? server : null);
    stop.await(2_000 + random.nextInt(6_000), TimeUnit.MILLISECONDS); // so that work is done, too
    return true;
  }
}
