package io.hasqlite.engine;

import io.hasqlite.HaSqliteException;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.util.Arrays;
import java.util.Properties;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Opens replicated databases by URL, without Spring: {@code
 * jdbc:ha-sqlite:app.db?name=node1&replicationURL=nats://host:4222}. Options have the names that
 * go-ha gives them and are percent-encoded; {@code user} and {@code password} are those for NATS.
 *
 * <p>All connections of this process to one file share one engine. The first one starts it, as
 * {@link HaSqlite#open} does, which blocks until the node is level with the stream; the last one to
 * be closed stops it. The node follows the others only in between: a pool, or one connection that
 * is kept, makes it stay.
 *
 * <p>The driver registers itself. Safe for use by several threads.
 */
public final class HaSqliteDriver implements Driver {

  static {
    try {
      DriverManager.registerDriver(new HaSqliteDriver());
    } catch (SQLException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Creates a driver; all of them share the engines. */
  public HaSqliteDriver() {}

  @Override
  public boolean acceptsURL(String url) {
    return url.startsWith(DriverUrl.PREFIX);
  }

  /**
   * Opens a connection; starts the engine if this is the first one to its file.
   *
   * @return null if the URL is another driver's
   * @throws SQLException with SQLState 08001 if the URL has an error, the engine does not start, or
   *     the file is open with other options; no message holds a password
   */
  @Override
  public @Nullable Connection connect(String url, Properties info) throws SQLException {
    if (!acceptsURL(url)) {
      return null;
    }
    try {
      return DriverEngine.connect(DriverUrl.parse(url, info));
    } catch (IllegalArgumentException | HaSqliteException e) {
      throw new SQLNonTransientConnectionException(e.getMessage(), "08001", e);
    }
  }

  @Override
  public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
    return Arrays.stream(DriverOption.values())
        .map(
            option -> {
              DriverPropertyInfo shown = new DriverPropertyInfo(option.optionName(), null);
              shown.description = option.description();
              return shown;
            })
        .toArray(DriverPropertyInfo[]::new);
  }

  @Override
  public int getMajorVersion() {
    return 0;
  }

  @Override
  public int getMinorVersion() {
    return 1;
  }

  @Override
  public boolean jdbcCompliant() {
    return false;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("SLF4J is used for logging", "HYC00");
  }
}
