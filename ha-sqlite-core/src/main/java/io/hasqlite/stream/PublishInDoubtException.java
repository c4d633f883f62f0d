package io.hasqlite.stream;

import io.hasqlite.HaSqliteException;
import org.jspecify.annotations.Nullable;

/** No acknowledgement came: the message is stored, lost, or will be stored later. */
public class PublishInDoubtException extends HaSqliteException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception. */
  public PublishInDoubtException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
