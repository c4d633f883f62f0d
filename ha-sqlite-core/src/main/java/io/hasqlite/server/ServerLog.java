package io.hasqlite.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Passes the server's log on. The server writes to a file and not to a pipe: a pipe breaks when
 * this process is killed, and the server would die with its next line. Used by one thread.
 */
final class ServerLog implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("io.hasqlite.server");

  private static final Pattern LINE =
      Pattern.compile("(?:\\[\\d+] )?(?:[\\d/]+ [\\d:.]+ )?\\[(INF|WRN|ERR|FTL|DBG|TRC)] ?(.*)");

  /** Afterwards the file begins anew; its lines were passed on. */
  private static final long FILE_BYTES_MAX = 8L << 20;

  private static final int LAST_LINES_MAX = 20;
  private static final int LINE_BYTES_MAX = 16 << 10;

  private final FileChannel file;
  private final boolean all;
  private final Deque<String> lastLines = new ArrayDeque<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(LINE_BYTES_MAX);
  private long position;
  private Level level = Level.INFO;

  private ServerLog(FileChannel file, boolean all, long position) {
    this.file = file;
    this.all = all;
    this.position = position;
  }

  /** Starts after what the file holds already. */
  static ServerLog open(Path path, boolean all) throws IOException {
    FileChannel file =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    return new ServerLog(file, all, file.size());
  }

  /**
   * Passes on what was written since the last call, and forgets the file's content if it is long.
   */
  void pump() throws IOException {
    while (true) {
      int read = file.read(buffer, position);
      if (read <= 0) {
        break;
      }
      position += read;
      passOnLines();
    }
    if (position > FILE_BYTES_MAX) {
      file.truncate(0);
      position = 0;
    }
  }

  /** Returns the last lines since {@link #forgetLastLines}, oldest first. */
  List<String> lastLines() {
    return List.copyOf(lastLines);
  }

  void forgetLastLines() {
    lastLines.clear();
  }

  private void passOnLines() {
    byte[] bytes = buffer.array();
    int start = 0;
    for (int i = 0; i < buffer.position(); i++) {
      if (bytes[i] == '\n') {
        passOn(new String(bytes, start, i - start, StandardCharsets.UTF_8).stripTrailing());
        start = i + 1;
      }
    }
    if (start == 0 && !buffer.hasRemaining()) {
      passOn(new String(bytes, StandardCharsets.UTF_8));
      start = buffer.position();
    }
    buffer.flip().position(start);
    buffer.compact();
  }

  private void passOn(String line) {
    String tag = "";
    String text = line;
    Matcher matcher = LINE.matcher(line);
    if (matcher.matches()) {
      tag = matcher.group(1);
      text = matcher.group(2);
      level = level(tag);
    } else if (line.startsWith("panic:") || line.startsWith("fatal error:")) {
      level = Level.ERROR;
    }
    if (text.chars().noneMatch(Character::isLetterOrDigit)) {
      // The banner.
      return;
    }
    lastLines.addLast(text);
    if (lastLines.size() > LAST_LINES_MAX) {
      lastLines.removeFirst();
    }
    if (isWanted(tag, text)) {
      LOG.atLevel(level).log(text);
    }
  }

  private boolean isWanted(String tag, String text) {
    // What is fatal to the server is part of the message that says it died.
    boolean isFatal = tag.equals("FTL");
    // In the generated file, which only its owner can read, this is as it should be.
    boolean isPasswordWarning = text.startsWith("Plaintext passwords detected");
    boolean isBad = level == Level.WARN || level == Level.ERROR;
    return all || (isBad && !isFatal && !isPasswordWarning);
  }

  private static Level level(String tag) {
    return switch (tag) {
      case "WRN" -> Level.WARN;
      case "ERR", "FTL" -> Level.ERROR;
      case "DBG" -> Level.DEBUG;
      case "TRC" -> Level.TRACE;
      default -> Level.INFO;
    };
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
