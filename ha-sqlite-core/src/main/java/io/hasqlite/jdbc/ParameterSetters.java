package io.hasqlite.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.PreparedStatement;
import java.sql.Ref;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import org.jspecify.annotations.Nullable;

/** The setters of a prepared statement. Streams are read at once, dates are copied. */
abstract class ParameterSetters extends HaStatement implements PreparedStatement {

  ParameterSetters(HaConnection connection) {
    super(connection);
  }

  /** Keeps a parameter for the next execution. */
  abstract void bind(int index, Parameters.Binding binding) throws SQLException;

  @Override
  public void setNull(int index, int type) throws SQLException {
    bind(index, (driver, i) -> driver.setNull(i, type));
  }

  @Override
  public void setNull(int index, int type, @Nullable String typeName) throws SQLException {
    setNull(index, type);
  }

  @Override
  public void setBoolean(int index, boolean x) throws SQLException {
    bind(index, (driver, i) -> driver.setBoolean(i, x));
  }

  @Override
  public void setByte(int index, byte x) throws SQLException {
    bind(index, (driver, i) -> driver.setByte(i, x));
  }

  @Override
  public void setShort(int index, short x) throws SQLException {
    bind(index, (driver, i) -> driver.setShort(i, x));
  }

  @Override
  public void setInt(int index, int x) throws SQLException {
    bind(index, (driver, i) -> driver.setInt(i, x));
  }

  @Override
  public void setLong(int index, long x) throws SQLException {
    bind(index, (driver, i) -> driver.setLong(i, x));
  }

  @Override
  public void setFloat(int index, float x) throws SQLException {
    bind(index, (driver, i) -> driver.setFloat(i, x));
  }

  @Override
  public void setDouble(int index, double x) throws SQLException {
    bind(index, (driver, i) -> driver.setDouble(i, x));
  }

  @Override
  public void setBigDecimal(int index, @Nullable BigDecimal x) throws SQLException {
    bind(index, (driver, i) -> driver.setBigDecimal(i, x));
  }

  @Override
  public void setString(int index, @Nullable String x) throws SQLException {
    bind(index, (driver, i) -> driver.setString(i, x));
  }

  @Override
  public void setNString(int index, @Nullable String x) throws SQLException {
    setString(index, x);
  }

  @Override
  public void setBytes(int index, byte @Nullable [] x) throws SQLException {
    bind(index, (driver, i) -> driver.setBytes(i, x));
  }

  @Override
  public void setDate(int index, @Nullable Date x) throws SQLException {
    Date copy = x == null ? null : new Date(x.getTime());
    bind(index, (driver, i) -> driver.setDate(i, copy));
  }

  @Override
  public void setDate(int index, @Nullable Date x, Calendar calendar) throws SQLException {
    Date copy = x == null ? null : new Date(x.getTime());
    bind(index, (driver, i) -> driver.setDate(i, copy, calendar));
  }

  @Override
  public void setTime(int index, @Nullable Time x) throws SQLException {
    Time copy = x == null ? null : new Time(x.getTime());
    bind(index, (driver, i) -> driver.setTime(i, copy));
  }

  @Override
  public void setTime(int index, @Nullable Time x, Calendar calendar) throws SQLException {
    Time copy = x == null ? null : new Time(x.getTime());
    bind(index, (driver, i) -> driver.setTime(i, copy, calendar));
  }

  @Override
  public void setTimestamp(int index, @Nullable Timestamp x) throws SQLException {
    Timestamp copy = x == null ? null : new Timestamp(x.getTime());
    bind(index, (driver, i) -> driver.setTimestamp(i, copy));
  }

  @Override
  public void setTimestamp(int index, @Nullable Timestamp x, Calendar calendar)
      throws SQLException {
    Timestamp copy = x == null ? null : new Timestamp(x.getTime());
    bind(index, (driver, i) -> driver.setTimestamp(i, copy, calendar));
  }

  @Override
  public void setObject(int index, @Nullable Object x) throws SQLException {
    if (x instanceof java.util.Date date) {
      java.util.Date copy = new java.util.Date(date.getTime());
      bind(index, (driver, i) -> driver.setObject(i, copy));
    } else {
      bind(index, (driver, i) -> driver.setObject(i, x));
    }
  }

  @Override
  public void setObject(int index, @Nullable Object x, int type) throws SQLException {
    setObject(index, x);
  }

  @Override
  public void setObject(int index, @Nullable Object x, int type, int scale) throws SQLException {
    setObject(index, x);
  }

  @Override
  public void setObject(int index, @Nullable Object x, SQLType type) throws SQLException {
    setObject(index, x);
  }

  @Override
  public void setObject(int index, @Nullable Object x, SQLType type, int scale)
      throws SQLException {
    setObject(index, x);
  }

  @Override
  public void setAsciiStream(int index, @Nullable InputStream x, int length) throws SQLException {
    setAsciiStream(index, x, (long) length);
  }

  @Override
  public void setAsciiStream(int index, @Nullable InputStream x, long length) throws SQLException {
    byte[] bytes = bytes(x, length);
    setString(index, bytes == null ? null : new String(bytes, StandardCharsets.UTF_8));
  }

  @Override
  public void setAsciiStream(int index, @Nullable InputStream x) throws SQLException {
    byte[] bytes = bytes(x, Integer.MAX_VALUE);
    setString(index, bytes == null ? null : new String(bytes, StandardCharsets.UTF_8));
  }

  @Override
  @Deprecated
  public void setUnicodeStream(int index, @Nullable InputStream x, int length) throws SQLException {
    setAsciiStream(index, x, (long) length);
  }

  @Override
  public void setBinaryStream(int index, @Nullable InputStream x, int length) throws SQLException {
    setBinaryStream(index, x, (long) length);
  }

  @Override
  public void setBinaryStream(int index, @Nullable InputStream x, long length) throws SQLException {
    setBytes(index, bytes(x, length));
  }

  @Override
  public void setBinaryStream(int index, @Nullable InputStream x) throws SQLException {
    setBytes(index, bytes(x, Integer.MAX_VALUE));
  }

  @Override
  public void setBlob(int index, @Nullable Blob x) throws SQLException {
    setBytes(index, x == null ? null : x.getBytes(1, (int) x.length()));
  }

  @Override
  public void setBlob(int index, @Nullable InputStream x, long length) throws SQLException {
    setBytes(index, bytes(x, length));
  }

  @Override
  public void setBlob(int index, @Nullable InputStream x) throws SQLException {
    setBytes(index, bytes(x, Integer.MAX_VALUE));
  }

  @Override
  public void setCharacterStream(int index, @Nullable Reader x, int length) throws SQLException {
    setString(index, text(x, length));
  }

  @Override
  public void setCharacterStream(int index, @Nullable Reader x, long length) throws SQLException {
    setString(index, text(x, length));
  }

  @Override
  public void setCharacterStream(int index, @Nullable Reader x) throws SQLException {
    setString(index, text(x, Long.MAX_VALUE));
  }

  @Override
  public void setNCharacterStream(int index, @Nullable Reader x, long length) throws SQLException {
    setString(index, text(x, length));
  }

  @Override
  public void setNCharacterStream(int index, @Nullable Reader x) throws SQLException {
    setString(index, text(x, Long.MAX_VALUE));
  }

  @Override
  public void setClob(int index, @Nullable Clob x) throws SQLException {
    setString(index, x == null ? null : x.getSubString(1, (int) x.length()));
  }

  @Override
  public void setClob(int index, @Nullable Reader x, long length) throws SQLException {
    setString(index, text(x, length));
  }

  @Override
  public void setClob(int index, @Nullable Reader x) throws SQLException {
    setString(index, text(x, Long.MAX_VALUE));
  }

  @Override
  public void setNClob(int index, @Nullable NClob x) throws SQLException {
    setClob(index, x);
  }

  @Override
  public void setNClob(int index, @Nullable Reader x, long length) throws SQLException {
    setString(index, text(x, length));
  }

  @Override
  public void setNClob(int index, @Nullable Reader x) throws SQLException {
    setString(index, text(x, Long.MAX_VALUE));
  }

  @Override
  public void setSQLXML(int index, @Nullable SQLXML x) throws SQLException {
    setString(index, x == null ? null : x.getString());
  }

  @Override
  public void setURL(int index, @Nullable URL x) throws SQLException {
    setString(index, x == null ? null : x.toString());
  }

  @Override
  public void setArray(int index, @Nullable Array x) throws SQLException {
    throw unsupported("arrays");
  }

  @Override
  public void setRef(int index, @Nullable Ref x) throws SQLException {
    throw unsupported("references");
  }

  @Override
  public void setRowId(int index, @Nullable RowId x) throws SQLException {
    throw unsupported("RowId; use a long");
  }

  private static SQLFeatureNotSupportedException unsupported(String what) {
    return new SQLFeatureNotSupportedException("SQLite has no " + what, "HYC00");
  }

  private static byte @Nullable [] bytes(@Nullable InputStream stream, long length)
      throws SQLException {
    try {
      return stream == null
          ? null
          : stream.readNBytes((int) Math.max(0, Math.min(Integer.MAX_VALUE, length)));
    } catch (IOException e) {
      throw new SQLException("The stream of a parameter could not be read", "22000", e);
    }
  }

  private static @Nullable String text(@Nullable Reader reader, long length) throws SQLException {
    if (reader == null) {
      return null;
    }
    try {
      StringWriter text = new StringWriter();
      char[] buffer = new char[8192];
      long left = length;
      while (left > 0) {
        int count = reader.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
          break;
        }
        text.write(buffer, 0, count);
        left -= count;
      }
      return text.toString();
    } catch (IOException e) {
      throw new SQLException("The reader of a parameter could not be read", "22000", e);
    }
  }
}
