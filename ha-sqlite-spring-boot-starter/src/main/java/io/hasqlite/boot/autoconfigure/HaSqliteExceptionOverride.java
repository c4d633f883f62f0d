package io.hasqlite.boot.autoconfigure;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/**
 * Keeps connections in the pool whose commit failed because the NATS server was away. Hikari takes
 * the SQLStates 08006 and 08007 for a broken connection, closes it, and so hides the error behind a
 * failed rollback; but the connection is one to a local file, which is as good as before.
 */
public final class HaSqliteExceptionOverride implements SQLExceptionOverride {

  /** The connection itself is closed: the one reason to evict it. */
  private static final String CLOSED = "08003";

  /** Creates the override; Hikari does so by the class's name. */
  public HaSqliteExceptionOverride() {}

  @java.lang.Override // not the enum that the interface brings
  public Override adjudicate(SQLException exception) {
    return CLOSED.equals(exception.getSQLState()) ? Override.CONTINUE_EVICT : Override.DO_NOT_EVICT;
  }
}
