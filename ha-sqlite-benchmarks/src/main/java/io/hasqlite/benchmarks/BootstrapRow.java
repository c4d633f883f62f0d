package io.hasqlite.benchmarks;

import io.hasqlite.engine.HaSqlite;
import io.nats.client.ObjectStore;
import io.nats.client.api.ObjectInfo;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.sqlite.SQLiteConnection;

/** How long a new node takes to have a large database. */
final class BootstrapRow {

  private static final long ROW_BYTES = 10_000;
  private static final long BYTES = 1_000_000_000;

  private final Lab lab;
  private final Effort effort;

  BootstrapRow(Lab lab, Effort effort) {
    this.lab = lab;
    this.effort = effort;
  }

  List<Figure> measure() throws Exception {
    long rows = BYTES / effort.divisor() / ROW_BYTES;
    String stream = Lab.fresh("bootstrap");
    Path file = lab.file("large");
    try (Connection connection = PlainFile.connect(file);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE documents(id INTEGER PRIMARY KEY, body BLOB NOT NULL)");
      statement.execute(
          "INSERT INTO documents WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
              + " WHERE i < "
              + rows
              + ") SELECT i, randomblob("
              + ROW_BYTES
              + ") FROM n");
    }
    // Its file becomes the cluster's, and its snapshot is stored at once.
    try (HaSqlite seed = lab.node(stream, "seed", file, o -> o.snapshotterEnabled(true))) {
      seed.status();
    }
    Folders.deleteOf(file);
    try {
      return List.of(
          Comparison.of(effort.rounds(), () -> engine(stream, rows), () -> plain(stream, rows))
              .figure(
                  "11", "bootstrap of a 1 GB database", Target.atMost(1.5), Comparison::seconds));
    } finally {
      lab.nats().objectStoreManagement().delete(stream + "_SNAPSHOTS");
    }
  }

  private double engine(String stream, long rows) throws Exception {
    Path file = lab.file("new");
    long start = System.nanoTime();
    try (HaSqlite node =
        lab.node(stream, Lab.fresh("node"), file, o -> o.snapshotterEnabled(true))) {
      double seconds = (System.nanoTime() - start) / 1e9;
      try (Connection connection = node.dataSource().getConnection()) {
        check(connection, rows);
      }
      return seconds;
    } finally {
      Folders.deleteOf(file);
    }
  }

  /** Downloads the same object and restores the file from it, as SQLite's online backup does. */
  private double plain(String stream, long rows) throws Exception {
    Path file = lab.file("download");
    Path downloaded = file.resolveSibling("object");
    ObjectStore store = lab.nats().objectStore(stream + "_SNAPSHOTS");
    String largest = "";
    long size = 0;
    for (ObjectInfo info : store.getList()) {
      if (!info.isDeleted() && info.getSize() > size) {
        largest = info.getObjectName();
        size = info.getSize();
      }
    }
    long start = System.nanoTime();
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(downloaded), 1 << 17)) {
      store.get(largest, out);
    }
    try (Connection connection = PlainFile.connect(file)) {
      ((SQLiteConnection) connection).getDatabase().restore("main", downloaded.toString(), null);
      double seconds = (System.nanoTime() - start) / 1e9;
      check(connection, rows);
      return seconds;
    } finally {
      Folders.deleteOf(file);
    }
  }

  private static void check(Connection connection, long rows) throws Exception {
    try (var count = connection.createStatement().executeQuery("SELECT count(*) FROM documents")) {
      count.next();
      if (count.getLong(1) != rows) {
        throw new IllegalStateException(count.getLong(1) + " rows instead of " + rows);
      }
    }
  }
}
