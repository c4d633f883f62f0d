package io.hasqlite.boot.autoconfigure;

import io.hasqlite.HaSqliteException;
import io.hasqlite.server.EmbeddedServerException;
import io.hasqlite.sqlite.SqliteFile.UnusableFileException;
import io.hasqlite.stream.StreamException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains why the database did not start. The engine's messages say what failed and where; the
 * action says which settings to look at.
 */
final class HaSqliteFailureAnalyzer extends AbstractFailureAnalyzer<HaSqliteException> {

  private static final String FILE_ACTION =
      "Correct ha.sqlite.path, or the file that it names. The file was not changed.";

  private static final String SERVER_ACTION =
      "Correct the settings below ha.sqlite.nats.embedded, or connect to a NATS server that runs"
          + " already: set ha.sqlite.nats.url and leave ha.sqlite.nats.embedded.enabled out.";

  private static final String STREAM_ACTION =
      "Check that the NATS server at ha.sqlite.nats.url runs, that it has JetStream switched on,"
          + " and that the login below ha.sqlite.nats is right. Without a server at hand, this"
          + " application can run one: ha.sqlite.nats.embedded.enabled=true instead of"
          + " ha.sqlite.nats.url.";

  private static final String REFUSED_ACTION =
      "Do as the description says and start again. Starting anyway would lose data or make the"
          + " nodes differ.";

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, HaSqliteException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), action(cause), cause);
  }

  private String action(HaSqliteException cause) {
    if (cause instanceof UnusableFileException) {
      return FILE_ACTION;
    }
    if (cause instanceof EmbeddedServerException) {
      return SERVER_ACTION;
    }
    return findCause(cause, StreamException.class) != null ? STREAM_ACTION : REFUSED_ACTION;
  }
}
