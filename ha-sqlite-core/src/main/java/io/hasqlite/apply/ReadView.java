package io.hasqlite.apply;

import io.hasqlite.sqlite.SqliteSession;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Set;

/** The connection that an interceptor reads through: its transaction is not the interceptor's. */
public final class ReadView {

  private static final Set<String> REFUSED =
      Set.of(
          "close",
          "abort",
          "commit",
          "rollback",
          "setAutoCommit",
          "setSavepoint",
          "releaseSavepoint",
          "setReadOnly",
          "setTransactionIsolation");

  private ReadView() {}

  /** Returns a view of a session that can neither end its transaction nor close it. */
  public static Connection of(SqliteSession session) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (REFUSED.contains(method.getName())) {
            throw new SQLFeatureNotSupportedException(
                "The connection of an interceptor is for reading; "
                    + method.getName()
                    + " is not for it",
                "HYC00");
          }
          try {
            return method.invoke(session.driver(), arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return (Connection)
        Proxy.newProxyInstance(
            ReadView.class.getClassLoader(), new Class<?>[] {Connection.class}, handler);
  }
}
