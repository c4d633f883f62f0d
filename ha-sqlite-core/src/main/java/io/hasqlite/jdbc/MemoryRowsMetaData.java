package io.hasqlite.jdbc;

import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** What is known of the columns of {@link MemoryRows}: a label, and the type of a value. */
final class MemoryRowsMetaData implements ResultSetMetaData {

  private final List<String> labels;
  private final IntFunction<@Nullable Object> valueOf;

  MemoryRowsMetaData(List<String> labels, IntFunction<@Nullable Object> valueOf) {
    this.labels = labels;
    this.valueOf = valueOf;
  }

  @Override
  public int getColumnCount() {
    return labels.size();
  }

  @Override
  public String getColumnLabel(int column) throws SQLException {
    if (column < 1 || column > labels.size()) {
      throw new SQLException("There is no column " + column, "42S22");
    }
    return labels.get(column - 1);
  }

  @Override
  public String getColumnName(int column) throws SQLException {
    return getColumnLabel(column);
  }

  @Override
  public int getColumnType(int column) throws SQLException {
    getColumnLabel(column);
    Object value = valueOf.apply(column);
    if (value instanceof Integer) {
      return Types.INTEGER;
    } else if (value instanceof Long) {
      return Types.BIGINT;
    } else if (value instanceof Double) {
      return Types.FLOAT;
    } else if (value instanceof byte[]) {
      return Types.BLOB;
    }
    return value == null ? Types.NUMERIC : Types.VARCHAR;
  }

  @Override
  public String getColumnTypeName(int column) throws SQLException {
    return switch (getColumnType(column)) {
      case Types.INTEGER, Types.BIGINT -> "INTEGER";
      case Types.FLOAT -> "FLOAT";
      case Types.BLOB -> "BLOB";
      case Types.VARCHAR -> "TEXT";
      default -> "NUMERIC";
    };
  }

  @Override
  public String getColumnClassName(int column) throws SQLException {
    return switch (getColumnType(column)) {
      case Types.INTEGER -> Integer.class.getName();
      case Types.BIGINT -> Long.class.getName();
      case Types.FLOAT -> Double.class.getName();
      case Types.BLOB -> byte[].class.getName();
      case Types.VARCHAR -> String.class.getName();
      default -> Object.class.getName();
    };
  }

  @Override
  public int isNullable(int column) {
    return columnNullableUnknown;
  }

  @Override
  public boolean isAutoIncrement(int column) {
    return false;
  }

  @Override
  public boolean isCaseSensitive(int column) {
    return true;
  }

  @Override
  public boolean isSearchable(int column) {
    return true;
  }

  @Override
  public boolean isCurrency(int column) {
    return false;
  }

  @Override
  public boolean isSigned(int column) throws SQLException {
    return valueOf.apply(column) instanceof Number;
  }

  @Override
  public int getColumnDisplaySize(int column) {
    return Integer.MAX_VALUE;
  }

  @Override
  public String getSchemaName(int column) {
    return "";
  }

  @Override
  public int getPrecision(int column) {
    return 0;
  }

  @Override
  public int getScale(int column) {
    return 0;
  }

  @Override
  public String getTableName(int column) {
    return "";
  }

  @Override
  public String getCatalogName(int column) {
    return "";
  }

  @Override
  public boolean isReadOnly(int column) {
    return true;
  }

  @Override
  public boolean isWritable(int column) {
    return false;
  }

  @Override
  public boolean isDefinitelyWritable(int column) {
    return false;
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return Wrapping.unwrap(type, this, null);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return Wrapping.isWrapperFor(type, this, null);
  }
}
