package io.hasqlite.stream;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Headers that go with a message: few, short and of printable ASCII. What does not fit is left out,
 * since nothing rests on them. For one thread.
 */
public final class MessageHeaders {

  private static final int HEADERS_MAX = 16;
  private static final int BYTES_MAX = 2_048;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Pattern VALUE = Pattern.compile("[ -~]{1,1024}");

  /** What the server itself reads begins like this. */
  private static final String RESERVED = "nats-";

  private final Map<String, String> headers = new LinkedHashMap<>();
  private int bytes;

  /** Adds a header if there is room for it and it can be one. */
  public void add(String name, String value) {
    int size = name.length() + value.length();
    if (headers.size() < HEADERS_MAX
        && bytes + size <= BYTES_MAX
        && !name.regionMatches(true, 0, RESERVED, 0, RESERVED.length())
        && NAME.matcher(name).matches()
        && VALUE.matcher(value).matches()
        && headers.putIfAbsent(name, value) == null) {
      bytes += size;
    }
  }

  /** Returns the headers; not a copy. */
  public Map<String, String> asMap() {
    return Collections.unmodifiableMap(headers);
  }
}
