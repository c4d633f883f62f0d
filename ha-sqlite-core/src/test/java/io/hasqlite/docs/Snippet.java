package io.hasqlite.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A fenced block of a Markdown page.
 *
 * @param page the page's file name
 * @param info what stands behind the fence: its language, and for a test more
 * @param text what is in it, lines ended
 */
public record Snippet(String page, String info, String text) {

  private static final Pattern FENCED =
      Pattern.compile("^ *```([^\\n]*)\\R(.*?)^ *```[ ]*$", Pattern.MULTILINE | Pattern.DOTALL);

  /** Returns the blocks of a page of the repository, in order. */
  public static List<Snippet> of(String page) throws IOException {
    Path file = root().resolve(page);
    List<Snippet> snippets = new ArrayList<>();
    for (MatchResult block : FENCED.matcher(Files.readString(file)).results().toList()) {
      snippets.add(
          new Snippet(
              page, block.group(1).strip(), block.group(2).stripTrailing().stripIndent() + "\n"));
    }
    return snippets;
  }

  /** Returns the folder of the whole project, in which the README is. */
  public static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("README.md"))) {
      folder = folder.getParent();
    }
    return folder;
  }

  /** Tells whether it is of a language. */
  public boolean is(String language) {
    return info.equals(language) || info.startsWith(language + " ");
  }
}
