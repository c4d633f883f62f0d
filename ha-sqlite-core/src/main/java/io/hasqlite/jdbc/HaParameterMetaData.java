package io.hasqlite.jdbc;

import java.sql.ParameterMetaData;
import java.sql.SQLException;
import java.sql.Types;

/** What SQLite knows of parameters: how many there are. Each takes values of every type. */
final class HaParameterMetaData implements ParameterMetaData {

  private final int count;

  HaParameterMetaData(int count) {
    this.count = count;
  }

  @Override
  public int getParameterCount() {
    return count;
  }

  @Override
  public int getParameterType(int parameter) throws SQLException {
    if (parameter < 1 || parameter > count) {
      throw new SQLException(
          "There is no parameter " + parameter + "; the statement has " + count, "07009");
    }
    return Types.VARCHAR;
  }

  @Override
  public String getParameterTypeName(int parameter) throws SQLException {
    getParameterType(parameter);
    return "VARCHAR";
  }

  @Override
  public String getParameterClassName(int parameter) throws SQLException {
    getParameterType(parameter);
    return String.class.getName();
  }

  @Override
  public int isNullable(int parameter) {
    return parameterNullable;
  }

  @Override
  public boolean isSigned(int parameter) {
    return true;
  }

  @Override
  public int getPrecision(int parameter) {
    return 0;
  }

  @Override
  public int getScale(int parameter) {
    return 0;
  }

  @Override
  public int getParameterMode(int parameter) {
    return parameterModeIn;
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
