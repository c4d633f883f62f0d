package io.hasqlite.server;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * Reads one file out of a {@code .tar.gz}. Names in the archive are only compared, never used as
 * paths.
 */
final class ReleaseArchive {

  private static final int BLOCK_BYTES = 512;
  private static final int NAME_BYTES = 100;
  private static final int SIZE_OFFSET = 124;
  private static final int SIZE_BYTES = 12;
  private static final int TYPE_OFFSET = 156;
  private static final int PREFIX_OFFSET = 345;
  private static final int PREFIX_BYTES = 155;

  /** nats-server has 20 MB; a decompression bomb has more. */
  private static final long UNPACKED_BYTES_MAX = 200L << 20;

  private ReleaseArchive() {}

  /**
   * Writes a regular file of the archive to a target that exists and is empty.
   *
   * @throws IOException if the archive does not hold the file or is not a {@code .tar.gz}
   */
  static void extract(Path archive, String entry, Path target) throws IOException {
    try (InputStream file = Files.newInputStream(archive);
        InputStream in = new GZIPInputStream(file)) {
      long rest = UNPACKED_BYTES_MAX;
      byte[] header = new byte[BLOCK_BYTES];
      while (in.readNBytes(header, 0, BLOCK_BYTES) == BLOCK_BYTES && header[0] != 0) {
        long size = size(header);
        long padded = (size + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
        rest -= padded + BLOCK_BYTES;
        if (rest < 0) {
          throw new IOException("it unpacks to more than " + UNPACKED_BYTES_MAX + " bytes");
        }
        if (isRegularFile(header) && name(header).equals(entry)) {
          copy(in, size, target);
          return;
        }
        in.skipNBytes(padded);
      }
      throw new IOException("it holds no file " + entry);
    }
  }

  private static void copy(InputStream in, long size, Path target) throws IOException {
    byte[] buffer = new byte[1 << 16];
    try (OutputStream out = Files.newOutputStream(target)) {
      long rest = size;
      while (rest > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, rest));
        if (read < 0) {
          throw new EOFException("it ends in the middle of a file");
        }
        out.write(buffer, 0, read);
        rest -= read;
      }
    }
  }

  private static boolean isRegularFile(byte[] header) {
    return header[TYPE_OFFSET] == '0' || header[TYPE_OFFSET] == 0;
  }

  private static String name(byte[] header) {
    String name = text(header, 0, NAME_BYTES);
    boolean ustar = text(header, 257, 5).equals("ustar");
    String prefix = ustar ? text(header, PREFIX_OFFSET, PREFIX_BYTES) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private static long size(byte[] header) throws IOException {
    String octal = text(header, SIZE_OFFSET, SIZE_BYTES).trim();
    try {
      return Long.parseUnsignedLong(octal, 8);
    } catch (NumberFormatException e) {
      throw new IOException("it is not a tar archive", e);
    }
  }

  private static String text(byte[] header, int offset, int length) {
    int end = offset;
    while (end < offset + length && header[end] != 0) {
      end++;
    }
    return new String(header, offset, end - offset, StandardCharsets.UTF_8);
  }
}
