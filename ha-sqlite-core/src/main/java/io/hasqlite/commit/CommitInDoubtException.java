package io.hasqlite.commit;

import java.sql.SQLNonTransientConnectionException;
import org.jspecify.annotations.Nullable;

/**
 * It is not known whether the transaction is committed: the stream did not answer. Rolled back
 * here; if the stream has the message or gets it late, it is applied on every node, here too.
 * SQLState 08007. Running the transaction again is right only where doing it twice does no harm.
 */
public final class CommitInDoubtException extends SQLNonTransientConnectionException {

  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public CommitInDoubtException(String message, @Nullable Throwable cause) {
    super(message, "08007", cause);
  }
}
