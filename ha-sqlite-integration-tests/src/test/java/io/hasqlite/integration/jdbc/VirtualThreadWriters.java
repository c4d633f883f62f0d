package io.hasqlite.integration.jdbc;

import io.hasqlite.engine.HaSqlite;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** The process of the test: writes from a hundred tasks of Spring Boot's own executor. */
final class VirtualThreadWriters {

  private static final int WRITERS = 100;
  private static final int EACH = 2;

  private VirtualThreadWriters() {}

  public static void main(String[] arguments) throws Exception {
    try (ConfigurableApplicationContext context =
            new SpringApplicationBuilder(JdbcApplication.class)
                .web(WebApplicationType.NONE)
                .run(arguments);
        Recording recording = new Recording()) {
      recording.enable("jdk.VirtualThreadPinned").withThreshold(Duration.ofMillis(5));
      recording.start();
      write(context);
      recording.stop();
      Path file = Files.createTempFile("pins", ".jfr");
      recording.dump(file);
      tellPins(RecordingFile.readAllEvents(file));
      Files.delete(file);
      tell("position", context.getBean(HaSqlite.class).status().position());
    }
  }

  private static void write(ConfigurableApplicationContext context) throws Exception {
    AsyncTaskExecutor executor =
        context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
    JdbcClient jdbc = context.getBean(JdbcClient.class);
    TransactionTemplate transaction = context.getBean(TransactionTemplate.class);
    CountDownLatch all = new CountDownLatch(WRITERS);
    AtomicInteger virtual = new AtomicInteger();
    AtomicInteger committed = new AtomicInteger();
    List<Future<?>> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      int writer = i;
      writers.add(
          executor.submit(
              () -> {
                virtual.addAndGet(isVirtual(Thread.currentThread()) ? 1 : 0);
                all.countDown();
                all.await(); // a hundred at once, or never
                for (int n = 0; n < EACH; n++) {
                  String name = "by " + writer + " no " + n;
                  transaction.executeWithoutResult(
                      status -> {
                        jdbc.sql("SELECT count(*) FROM product").query(Long.class).single();
                        jdbc.sql("INSERT INTO product(version, name) VALUES (1, ?)")
                            .param(name)
                            .update();
                      });
                  committed.incrementAndGet();
                }
                return null;
              }));
    }
    int failures = 0;
    for (Future<?> writer : writers) {
      try {
        writer.get();
      } catch (ExecutionException e) {
        failures++;
        e.printStackTrace();
      }
    }
    tell("virtual", virtual.get() == WRITERS);
    tell("failures", failures);
    tell("committed", committed.get());
  }

  private static void tellPins(List<RecordedEvent> events) {
    tell("pins", events.size());
    tell(
        "longestPinMillis",
        events.stream().mapToLong(event -> event.getDuration().toMillis()).max().orElse(0));
    events.stream().limit(3).forEach(event -> System.out.println(event));
  }

  private static boolean isVirtual(Thread thread) throws ReflectiveOperationException {
    return (Boolean) Thread.class.getMethod("isVirtual").invoke(thread);
  }

  private static void tell(String name, Object value) {
    System.out.println("result " + name + "=" + value);
  }
}
