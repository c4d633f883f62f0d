package io.hasqlite.jdbc;

import io.hasqlite.sqlite.SqliteSession;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows that were read into memory. RETURNING needs that: its cursor would make COMMIT fail. They
 * come out through a SELECT of the driver, so that every getter converts as it always does; only
 * what belongs to a table's column (its declared type, its table) is not known any more.
 */
final class MemoryRows extends HaResultSet {

  private static final int VARIABLES_MAX = 5_000;

  private final List<String> labels;
  private final List<@Nullable Object[]> rows;
  private final int chunkSize;
  private int row;
  private @Nullable PreparedStatement statement;
  private @Nullable ResultSet chunk;
  private int chunkFrom;

  MemoryRows(
      HaConnection connection,
      @Nullable HaStatement statement,
      List<String> labels,
      List<@Nullable Object[]> rows) {
    super(connection, statement, null, null);
    this.labels = labels;
    this.rows = rows;
    this.chunkSize = Math.max(1, VARIABLES_MAX / labels.size());
  }

  /** Reads a result set to its end. */
  static MemoryRows read(HaConnection connection, HaStatement statement, ResultSet rows)
      throws SQLException {
    ResultSetMetaData metadata = rows.getMetaData();
    int columns = metadata.getColumnCount();
    List<String> labels = new ArrayList<>();
    for (int i = 1; i <= columns; i++) {
      labels.add(metadata.getColumnLabel(i));
    }
    List<@Nullable Object[]> all = new ArrayList<>();
    while (rows.next()) {
      @Nullable Object[] values = new Object[columns];
      for (int i = 0; i < columns; i++) {
        values[i] = rows.getObject(i + 1);
      }
      all.add(values);
    }
    return new MemoryRows(connection, statement, labels, all);
  }

  @Override
  public boolean next() throws SQLException {
    return connection().locked(this::advance);
  }

  private boolean advance() throws SQLException {
    checkOpen();
    if (row >= rows.size()) {
      row = rows.size() + 1;
      return false;
    }
    row++;
    if (chunk != null && row <= chunkFrom + chunkSize) {
      return chunk.next();
    }
    releaseChunk();
    return true;
  }

  @Override
  ResultSet rows() throws SQLException {
    checkOpen();
    ResultSet open = chunk;
    if (open == null) {
      open = openChunk();
      chunk = open;
    }
    return open;
  }

  /** Selects the rows around the present one, and goes to it. */
  private ResultSet openChunk() throws SQLException {
    int index = Math.min(Math.max(0, row - 1), Math.max(0, rows.size() - 1));
    chunkFrom = index - index % chunkSize;
    int to = Math.min(rows.size(), chunkFrom + chunkSize);
    PreparedStatement select =
        connection().session().connection().prepareStatement(sql(to - chunkFrom));
    statement = select;
    connection().cursors().add(this);
    int parameter = 1;
    for (int i = chunkFrom; i < to; i++) {
      for (Object value : rows.get(i)) {
        select.setObject(parameter++, value);
      }
    }
    ResultSet selected = select.executeQuery();
    for (int i = chunkFrom; i < row && i < to; i++) {
      selected.next();
    }
    return selected;
  }

  @Override
  public ResultSetMetaData getMetaData() throws SQLException {
    checkOpen();
    return new MemoryRowsMetaData(labels, column -> valueForType(column));
  }

  private @Nullable Object valueForType(int column) {
    int index = Math.min(Math.max(0, row - 1), rows.size() - 1);
    return index < 0 ? null : rows.get(index)[column - 1];
  }

  private String sql(int count) {
    StringBuilder sql = new StringBuilder("SELECT ");
    for (int i = 0; i < labels.size(); i++) {
      sql.append(i == 0 ? "" : ",").append(count == 0 ? "NULL" : "column" + (i + 1));
      sql.append(" AS ").append(SqliteSession.quoted(labels.get(i)));
    }
    if (count == 0) {
      return sql.append(" WHERE 0").toString();
    }
    String values = "(?" + ",?".repeat(labels.size() - 1) + ")";
    sql.append(" FROM (VALUES").append(values).append(("," + values).repeat(count - 1));
    return sql.append(")").toString();
  }

  @Override
  public int getRow() {
    return row > rows.size() ? 0 : row;
  }

  @Override
  public boolean isBeforeFirst() {
    return row == 0 && !rows.isEmpty();
  }

  @Override
  public boolean isFirst() {
    return row == 1 && !rows.isEmpty();
  }

  @Override
  public boolean isAfterLast() {
    return row > rows.size() && !rows.isEmpty();
  }

  /** Only lets go of SQLite: the rows are here. */
  @Override
  void closeBecause(SQLException reason) {
    try {
      releaseChunk();
    } catch (SQLException e) {
      reason.addSuppressed(e);
    }
  }

  @Override
  void release() throws SQLException {
    if (!connection().isClosed()) {
      releaseChunk();
    }
  }

  private void releaseChunk() throws SQLException {
    PreparedStatement open = statement;
    statement = null;
    chunk = null;
    connection().cursors().remove(this);
    if (open != null) {
      open.close();
    }
  }
}
