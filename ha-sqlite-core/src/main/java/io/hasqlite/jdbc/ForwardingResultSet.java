package io.hasqlite.jdbc;

import io.hasqlite.sqlite.SqliteErrors;
import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.Ref;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Passes every call on to another result set, and translates what it throws. */
@SuppressWarnings("deprecation")
abstract class ForwardingResultSet implements ResultSet {

  /** Returns the result set, or fails if there is none to read from any more. */
  abstract ResultSet rows() throws SQLException;

  @Override
  public boolean absolute(int a) throws SQLException {
    try {
      return rows().absolute(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public void afterLast() throws SQLException {
    try {
      rows().afterLast();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public void beforeFirst() throws SQLException {
    try {
      rows().beforeFirst();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public void cancelRowUpdates() throws SQLException {
    try {
      rows().cancelRowUpdates();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public void clearWarnings() throws SQLException {
    try {
      rows().clearWarnings();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public void deleteRow() throws SQLException {
    try {
      rows().deleteRow();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int findColumn(String a) throws SQLException {
    try {
      return rows().findColumn(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean first() throws SQLException {
    try {
      return rows().first();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Array getArray(int a) throws SQLException {
    try {
      return rows().getArray(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Array getArray(String a) throws SQLException {
    try {
      return rows().getArray(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable InputStream getAsciiStream(int a) throws SQLException {
    try {
      return rows().getAsciiStream(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable InputStream getAsciiStream(String a) throws SQLException {
    try {
      return rows().getAsciiStream(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable BigDecimal getBigDecimal(int a) throws SQLException {
    try {
      return rows().getBigDecimal(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Deprecated
  @Override
  public @Nullable BigDecimal getBigDecimal(int a, int b) throws SQLException {
    try {
      return rows().getBigDecimal(a, b);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable BigDecimal getBigDecimal(String a) throws SQLException {
    try {
      return rows().getBigDecimal(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Deprecated
  @Override
  public @Nullable BigDecimal getBigDecimal(String a, int b) throws SQLException {
    try {
      return rows().getBigDecimal(a, b);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable InputStream getBinaryStream(int a) throws SQLException {
    try {
      return rows().getBinaryStream(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable InputStream getBinaryStream(String a) throws SQLException {
    try {
      return rows().getBinaryStream(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Blob getBlob(int a) throws SQLException {
    try {
      return rows().getBlob(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Blob getBlob(String a) throws SQLException {
    try {
      return rows().getBlob(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean getBoolean(int a) throws SQLException {
    try {
      return rows().getBoolean(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean getBoolean(String a) throws SQLException {
    try {
      return rows().getBoolean(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public byte getByte(int a) throws SQLException {
    try {
      return rows().getByte(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public byte getByte(String a) throws SQLException {
    try {
      return rows().getByte(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable byte[] getBytes(int a) throws SQLException {
    try {
      return rows().getBytes(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable byte[] getBytes(String a) throws SQLException {
    try {
      return rows().getBytes(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Reader getCharacterStream(int a) throws SQLException {
    try {
      return rows().getCharacterStream(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Reader getCharacterStream(String a) throws SQLException {
    try {
      return rows().getCharacterStream(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Clob getClob(int a) throws SQLException {
    try {
      return rows().getClob(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Clob getClob(String a) throws SQLException {
    try {
      return rows().getClob(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getConcurrency() throws SQLException {
    try {
      return rows().getConcurrency();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable String getCursorName() throws SQLException {
    try {
      return rows().getCursorName();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Date getDate(int a) throws SQLException {
    try {
      return rows().getDate(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Date getDate(int a, Calendar b) throws SQLException {
    try {
      return rows().getDate(a, b);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Date getDate(String a) throws SQLException {
    try {
      return rows().getDate(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Date getDate(String a, Calendar b) throws SQLException {
    try {
      return rows().getDate(a, b);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public double getDouble(int a) throws SQLException {
    try {
      return rows().getDouble(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public double getDouble(String a) throws SQLException {
    try {
      return rows().getDouble(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getFetchDirection() throws SQLException {
    try {
      return rows().getFetchDirection();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getFetchSize() throws SQLException {
    try {
      return rows().getFetchSize();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public float getFloat(int a) throws SQLException {
    try {
      return rows().getFloat(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public float getFloat(String a) throws SQLException {
    try {
      return rows().getFloat(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getHoldability() throws SQLException {
    try {
      return rows().getHoldability();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getInt(int a) throws SQLException {
    try {
      return rows().getInt(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getInt(String a) throws SQLException {
    try {
      return rows().getInt(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public long getLong(int a) throws SQLException {
    try {
      return rows().getLong(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public long getLong(String a) throws SQLException {
    try {
      return rows().getLong(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public ResultSetMetaData getMetaData() throws SQLException {
    try {
      return rows().getMetaData();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Reader getNCharacterStream(int a) throws SQLException {
    try {
      return rows().getNCharacterStream(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Reader getNCharacterStream(String a) throws SQLException {
    try {
      return rows().getNCharacterStream(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable NClob getNClob(int a) throws SQLException {
    try {
      return rows().getNClob(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable NClob getNClob(String a) throws SQLException {
    try {
      return rows().getNClob(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable String getNString(int a) throws SQLException {
    try {
      return rows().getNString(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable String getNString(String a) throws SQLException {
    try {
      return rows().getNString(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public <T> @Nullable T getObject(int a, Class<T> b) throws SQLException {
    try {
      return rows().getObject(a, b);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public <T> @Nullable T getObject(String a, Class<T> b) throws SQLException {
    try {
      return rows().getObject(a, b);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Object getObject(int a) throws SQLException {
    try {
      return rows().getObject(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Object getObject(int a, Map<String, Class<?>> b) throws SQLException {
    try {
      return rows().getObject(a, b);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Object getObject(String a) throws SQLException {
    try {
      return rows().getObject(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Object getObject(String a, Map<String, Class<?>> b) throws SQLException {
    try {
      return rows().getObject(a, b);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Ref getRef(int a) throws SQLException {
    try {
      return rows().getRef(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Ref getRef(String a) throws SQLException {
    try {
      return rows().getRef(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getRow() throws SQLException {
    try {
      return rows().getRow();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable RowId getRowId(int a) throws SQLException {
    try {
      return rows().getRowId(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable RowId getRowId(String a) throws SQLException {
    try {
      return rows().getRowId(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable SQLXML getSQLXML(int a) throws SQLException {
    try {
      return rows().getSQLXML(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable SQLXML getSQLXML(String a) throws SQLException {
    try {
      return rows().getSQLXML(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public short getShort(int a) throws SQLException {
    try {
      return rows().getShort(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public short getShort(String a) throws SQLException {
    try {
      return rows().getShort(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable String getString(int a) throws SQLException {
    try {
      return rows().getString(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable String getString(String a) throws SQLException {
    try {
      return rows().getString(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Time getTime(int a) throws SQLException {
    try {
      return rows().getTime(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Time getTime(int a, Calendar b) throws SQLException {
    try {
      return rows().getTime(a, b);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Time getTime(String a) throws SQLException {
    try {
      return rows().getTime(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Time getTime(String a, Calendar b) throws SQLException {
    try {
      return rows().getTime(a, b);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Timestamp getTimestamp(int a) throws SQLException {
    try {
      return rows().getTimestamp(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Timestamp getTimestamp(int a, Calendar b) throws SQLException {
    try {
      return rows().getTimestamp(a, b);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Timestamp getTimestamp(String a) throws SQLException {
    try {
      return rows().getTimestamp(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable Timestamp getTimestamp(String a, Calendar b) throws SQLException {
    try {
      return rows().getTimestamp(a, b);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getType() throws SQLException {
    try {
      return rows().getType();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable URL getURL(int a) throws SQLException {
    try {
      return rows().getURL(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable URL getURL(String a) throws SQLException {
    try {
      return rows().getURL(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Deprecated
  @Override
  public @Nullable InputStream getUnicodeStream(int a) throws SQLException {
    try {
      return rows().getUnicodeStream(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Deprecated
  @Override
  public @Nullable InputStream getUnicodeStream(String a) throws SQLException {
    try {
      return rows().getUnicodeStream(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public @Nullable SQLWarning getWarnings() throws SQLException {
    try {
      return rows().getWarnings();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public void insertRow() throws SQLException {
    try {
      rows().insertRow();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean isAfterLast() throws SQLException {
    try {
      return rows().isAfterLast();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean isBeforeFirst() throws SQLException {
    try {
      return rows().isBeforeFirst();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean isFirst() throws SQLException {
    try {
      return rows().isFirst();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean isLast() throws SQLException {
    try {
      return rows().isLast();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean last() throws SQLException {
    try {
      return rows().last();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public void moveToCurrentRow() throws SQLException {
    try {
      rows().moveToCurrentRow();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public void moveToInsertRow() throws SQLException {
    try {
      rows().moveToInsertRow();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean previous() throws SQLException {
    try {
      return rows().previous();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public void refreshRow() throws SQLException {
    try {
      rows().refreshRow();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean relative(int a) throws SQLException {
    try {
      return rows().relative(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean rowDeleted() throws SQLException {
    try {
      return rows().rowDeleted();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean rowInserted() throws SQLException {
    try {
      return rows().rowInserted();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean rowUpdated() throws SQLException {
    try {
      return rows().rowUpdated();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public void setFetchDirection(int a) throws SQLException {
    try {
      rows().setFetchDirection(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public void setFetchSize(int a) throws SQLException {
    try {
      rows().setFetchSize(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public void updateArray(int a, @Nullable Array b) throws SQLException {
    rows().updateArray(a, b);
  }

  @Override
  public void updateArray(@Nullable String a, @Nullable Array b) throws SQLException {
    rows().updateArray(a, b);
  }

  @Override
  public void updateAsciiStream(int a, @Nullable InputStream b) throws SQLException {
    rows().updateAsciiStream(a, b);
  }

  @Override
  public void updateAsciiStream(int a, @Nullable InputStream b, int c) throws SQLException {
    rows().updateAsciiStream(a, b, c);
  }

  @Override
  public void updateAsciiStream(int a, @Nullable InputStream b, long c) throws SQLException {
    rows().updateAsciiStream(a, b, c);
  }

  @Override
  public void updateAsciiStream(@Nullable String a, @Nullable InputStream b) throws SQLException {
    rows().updateAsciiStream(a, b);
  }

  @Override
  public void updateAsciiStream(@Nullable String a, @Nullable InputStream b, int c)
      throws SQLException {
    rows().updateAsciiStream(a, b, c);
  }

  @Override
  public void updateAsciiStream(@Nullable String a, @Nullable InputStream b, long c)
      throws SQLException {
    rows().updateAsciiStream(a, b, c);
  }

  @Override
  public void updateBigDecimal(int a, @Nullable BigDecimal b) throws SQLException {
    rows().updateBigDecimal(a, b);
  }

  @Override
  public void updateBigDecimal(@Nullable String a, @Nullable BigDecimal b) throws SQLException {
    rows().updateBigDecimal(a, b);
  }

  @Override
  public void updateBinaryStream(int a, @Nullable InputStream b) throws SQLException {
    rows().updateBinaryStream(a, b);
  }

  @Override
  public void updateBinaryStream(int a, @Nullable InputStream b, int c) throws SQLException {
    rows().updateBinaryStream(a, b, c);
  }

  @Override
  public void updateBinaryStream(int a, @Nullable InputStream b, long c) throws SQLException {
    rows().updateBinaryStream(a, b, c);
  }

  @Override
  public void updateBinaryStream(@Nullable String a, @Nullable InputStream b) throws SQLException {
    rows().updateBinaryStream(a, b);
  }

  @Override
  public void updateBinaryStream(@Nullable String a, @Nullable InputStream b, int c)
      throws SQLException {
    rows().updateBinaryStream(a, b, c);
  }

  @Override
  public void updateBinaryStream(@Nullable String a, @Nullable InputStream b, long c)
      throws SQLException {
    rows().updateBinaryStream(a, b, c);
  }

  @Override
  public void updateBlob(int a, @Nullable InputStream b) throws SQLException {
    rows().updateBlob(a, b);
  }

  @Override
  public void updateBlob(int a, @Nullable InputStream b, long c) throws SQLException {
    rows().updateBlob(a, b, c);
  }

  @Override
  public void updateBlob(int a, @Nullable Blob b) throws SQLException {
    rows().updateBlob(a, b);
  }

  @Override
  public void updateBlob(@Nullable String a, @Nullable InputStream b) throws SQLException {
    rows().updateBlob(a, b);
  }

  @Override
  public void updateBlob(@Nullable String a, @Nullable InputStream b, long c) throws SQLException {
    rows().updateBlob(a, b, c);
  }

  @Override
  public void updateBlob(@Nullable String a, @Nullable Blob b) throws SQLException {
    rows().updateBlob(a, b);
  }

  @Override
  public void updateBoolean(int a, boolean b) throws SQLException {
    rows().updateBoolean(a, b);
  }

  @Override
  public void updateBoolean(@Nullable String a, boolean b) throws SQLException {
    rows().updateBoolean(a, b);
  }

  @Override
  public void updateByte(int a, byte b) throws SQLException {
    rows().updateByte(a, b);
  }

  @Override
  public void updateByte(@Nullable String a, byte b) throws SQLException {
    rows().updateByte(a, b);
  }

  @Override
  public void updateBytes(int a, @Nullable byte[] b) throws SQLException {
    rows().updateBytes(a, b);
  }

  @Override
  public void updateBytes(@Nullable String a, @Nullable byte[] b) throws SQLException {
    rows().updateBytes(a, b);
  }

  @Override
  public void updateCharacterStream(int a, @Nullable Reader b) throws SQLException {
    rows().updateCharacterStream(a, b);
  }

  @Override
  public void updateCharacterStream(int a, @Nullable Reader b, int c) throws SQLException {
    rows().updateCharacterStream(a, b, c);
  }

  @Override
  public void updateCharacterStream(int a, @Nullable Reader b, long c) throws SQLException {
    rows().updateCharacterStream(a, b, c);
  }

  @Override
  public void updateCharacterStream(@Nullable String a, @Nullable Reader b) throws SQLException {
    rows().updateCharacterStream(a, b);
  }

  @Override
  public void updateCharacterStream(@Nullable String a, @Nullable Reader b, int c)
      throws SQLException {
    rows().updateCharacterStream(a, b, c);
  }

  @Override
  public void updateCharacterStream(@Nullable String a, @Nullable Reader b, long c)
      throws SQLException {
    rows().updateCharacterStream(a, b, c);
  }

  @Override
  public void updateClob(int a, @Nullable Reader b) throws SQLException {
    rows().updateClob(a, b);
  }

  @Override
  public void updateClob(int a, @Nullable Reader b, long c) throws SQLException {
    rows().updateClob(a, b, c);
  }

  @Override
  public void updateClob(int a, @Nullable Clob b) throws SQLException {
    rows().updateClob(a, b);
  }

  @Override
  public void updateClob(@Nullable String a, @Nullable Reader b) throws SQLException {
    rows().updateClob(a, b);
  }

  @Override
  public void updateClob(@Nullable String a, @Nullable Reader b, long c) throws SQLException {
    rows().updateClob(a, b, c);
  }

  @Override
  public void updateClob(@Nullable String a, @Nullable Clob b) throws SQLException {
    rows().updateClob(a, b);
  }

  @Override
  public void updateDate(int a, @Nullable Date b) throws SQLException {
    rows().updateDate(a, b);
  }

  @Override
  public void updateDate(@Nullable String a, @Nullable Date b) throws SQLException {
    rows().updateDate(a, b);
  }

  @Override
  public void updateDouble(int a, double b) throws SQLException {
    rows().updateDouble(a, b);
  }

  @Override
  public void updateDouble(@Nullable String a, double b) throws SQLException {
    rows().updateDouble(a, b);
  }

  @Override
  public void updateFloat(int a, float b) throws SQLException {
    rows().updateFloat(a, b);
  }

  @Override
  public void updateFloat(@Nullable String a, float b) throws SQLException {
    rows().updateFloat(a, b);
  }

  @Override
  public void updateInt(int a, int b) throws SQLException {
    rows().updateInt(a, b);
  }

  @Override
  public void updateInt(@Nullable String a, int b) throws SQLException {
    rows().updateInt(a, b);
  }

  @Override
  public void updateLong(int a, long b) throws SQLException {
    rows().updateLong(a, b);
  }

  @Override
  public void updateLong(@Nullable String a, long b) throws SQLException {
    rows().updateLong(a, b);
  }

  @Override
  public void updateNCharacterStream(int a, @Nullable Reader b) throws SQLException {
    rows().updateNCharacterStream(a, b);
  }

  @Override
  public void updateNCharacterStream(int a, @Nullable Reader b, long c) throws SQLException {
    rows().updateNCharacterStream(a, b, c);
  }

  @Override
  public void updateNCharacterStream(@Nullable String a, @Nullable Reader b) throws SQLException {
    rows().updateNCharacterStream(a, b);
  }

  @Override
  public void updateNCharacterStream(@Nullable String a, @Nullable Reader b, long c)
      throws SQLException {
    rows().updateNCharacterStream(a, b, c);
  }

  @Override
  public void updateNClob(int a, @Nullable Reader b) throws SQLException {
    rows().updateNClob(a, b);
  }

  @Override
  public void updateNClob(int a, @Nullable Reader b, long c) throws SQLException {
    rows().updateNClob(a, b, c);
  }

  @Override
  public void updateNClob(int a, @Nullable NClob b) throws SQLException {
    rows().updateNClob(a, b);
  }

  @Override
  public void updateNClob(@Nullable String a, @Nullable Reader b) throws SQLException {
    rows().updateNClob(a, b);
  }

  @Override
  public void updateNClob(@Nullable String a, @Nullable Reader b, long c) throws SQLException {
    rows().updateNClob(a, b, c);
  }

  @Override
  public void updateNClob(@Nullable String a, @Nullable NClob b) throws SQLException {
    rows().updateNClob(a, b);
  }

  @Override
  public void updateNString(int a, @Nullable String b) throws SQLException {
    rows().updateNString(a, b);
  }

  @Override
  public void updateNString(@Nullable String a, @Nullable String b) throws SQLException {
    rows().updateNString(a, b);
  }

  @Override
  public void updateNull(int a) throws SQLException {
    rows().updateNull(a);
  }

  @Override
  public void updateNull(@Nullable String a) throws SQLException {
    rows().updateNull(a);
  }

  @Override
  public void updateObject(int a, @Nullable Object b) throws SQLException {
    rows().updateObject(a, b);
  }

  @Override
  public void updateObject(int a, @Nullable Object b, int c) throws SQLException {
    rows().updateObject(a, b, c);
  }

  @Override
  public void updateObject(@Nullable String a, @Nullable Object b) throws SQLException {
    rows().updateObject(a, b);
  }

  @Override
  public void updateObject(@Nullable String a, @Nullable Object b, int c) throws SQLException {
    rows().updateObject(a, b, c);
  }

  @Override
  public void updateRef(int a, @Nullable Ref b) throws SQLException {
    rows().updateRef(a, b);
  }

  @Override
  public void updateRef(@Nullable String a, @Nullable Ref b) throws SQLException {
    rows().updateRef(a, b);
  }

  @Override
  public void updateRow() throws SQLException {
    rows().updateRow();
  }

  @Override
  public void updateRowId(int a, @Nullable RowId b) throws SQLException {
    rows().updateRowId(a, b);
  }

  @Override
  public void updateRowId(@Nullable String a, @Nullable RowId b) throws SQLException {
    rows().updateRowId(a, b);
  }

  @Override
  public void updateSQLXML(int a, @Nullable SQLXML b) throws SQLException {
    rows().updateSQLXML(a, b);
  }

  @Override
  public void updateSQLXML(@Nullable String a, @Nullable SQLXML b) throws SQLException {
    rows().updateSQLXML(a, b);
  }

  @Override
  public void updateShort(int a, short b) throws SQLException {
    rows().updateShort(a, b);
  }

  @Override
  public void updateShort(@Nullable String a, short b) throws SQLException {
    rows().updateShort(a, b);
  }

  @Override
  public void updateString(int a, @Nullable String b) throws SQLException {
    rows().updateString(a, b);
  }

  @Override
  public void updateString(@Nullable String a, @Nullable String b) throws SQLException {
    rows().updateString(a, b);
  }

  @Override
  public void updateTime(int a, @Nullable Time b) throws SQLException {
    rows().updateTime(a, b);
  }

  @Override
  public void updateTime(@Nullable String a, @Nullable Time b) throws SQLException {
    rows().updateTime(a, b);
  }

  @Override
  public void updateTimestamp(int a, @Nullable Timestamp b) throws SQLException {
    rows().updateTimestamp(a, b);
  }

  @Override
  public void updateTimestamp(@Nullable String a, @Nullable Timestamp b) throws SQLException {
    rows().updateTimestamp(a, b);
  }

  @Override
  public boolean wasNull() throws SQLException {
    try {
      return rows().wasNull();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }
}
