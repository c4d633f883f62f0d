package io.hasqlite.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * A loadable extension, compiled where there is a C compiler: its entry point makes a temporary
 * table. It finds {@code sqlite3_exec} in SQLite's table of routines, whose order is fixed.
 */
final class TestExtension {

  static final String ENTRY_POINT = "ha_test_init";
  static final String PROOF = "SELECT 1 FROM temp.sqlite_schema WHERE name = 'ext_was_loaded'";

  private static final int EXEC = 55;

  private TestExtension() {}

  static Path build(Path folder) throws IOException, InterruptedException {
    Path source = folder.resolve("extension.c");
    Path library = folder.resolve("extension.so");
    Files.writeString(
        source,
        """
        typedef int (*exec_t)(void *, const char *, void *, void *, char **);
        int %s(void *db, char **error, void **routines) {
          return ((exec_t) routines[%d])(db, "CREATE TEMP TABLE ext_was_loaded(a)", 0, 0, error);
        }
        """
            .formatted(ENTRY_POINT, EXEC));
    try {
      Process compiler =
          new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString())
              .inheritIO()
              .start();
      Assumptions.assumeTrue(compiler.waitFor() == 0, "The C compiler failed");
    } catch (IOException e) {
      Assumptions.abort("There is no C compiler (cc) to make a loadable extension with");
    }
    return library;
  }
}
