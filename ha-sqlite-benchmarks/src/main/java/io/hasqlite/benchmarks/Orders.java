package io.hasqlite.benchmarks;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The table of the benchmarks and its rows: five columns, about a hundred bytes. */
final class Orders {

  static final String CREATE =
      "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer TEXT NOT NULL, product TEXT NOT NULL,"
          + " amount INTEGER NOT NULL, price REAL NOT NULL)";
  static final String INSERT = "INSERT INTO orders VALUES(?,?,?,?,?)";
  static final String UPDATE = "UPDATE orders SET amount = ? WHERE id = ?";
  static final String SELECT = "SELECT * FROM orders WHERE id = ?";

  /** Spreads keys over a table without a random number generator in the measured code. */
  private static final long STRIDE = 7_919;

  private Orders() {}

  /** Returns the n-th key to look at, of 1 to {@code rows}. */
  static long spread(long n, long rows) {
    return n * STRIDE % rows + 1;
  }

  static String customer(long id) {
    return "Customer number " + (1_000_000 + id % 100_000) + " of Berlin";
  }

  static String product(long id) {
    return "A thing that is often ordered, kind " + (1_000 + id % 1_000);
  }

  static long amount(long id) {
    return id % 50 + 1;
  }

  static double price(long id) {
    return 12.25 + id % 100;
  }

  /** Returns the bytes of a row's values: its texts, and eight for each number. */
  static long bytes(long id) {
    long text = 0;
    for (String value : List.of(customer(id), product(id))) {
      text += value.getBytes(StandardCharsets.UTF_8).length;
    }
    return text + 3 * Long.BYTES;
  }

  static void bind(PreparedStatement insert, long id) throws SQLException {
    insert.setLong(1, id);
    insert.setString(2, customer(id));
    insert.setString(3, product(id));
    insert.setLong(4, amount(id));
    insert.setDouble(5, price(id));
  }

  /** Fills the table with rows 1 to n, through whatever connection it is, in SQLite itself. */
  static void fill(Connection connection, long rows) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO orders WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
              + rows
              + ") SELECT i, 'Customer number ' || (1000000 + i % 100000) || ' of Berlin', 'A thing"
              + " that is often ordered, kind ' || (1000 + i % 1000), i % 50 + 1, 12.25 + i % 100"
              + " FROM n");
    }
  }
}
