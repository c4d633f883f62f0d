package io.hasqlite.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Downloads a release; nothing of it is unpacked, let alone run, before its checksum is right. */
final class ReleaseDownload {

  private static final Logger LOG = LoggerFactory.getLogger(ReleaseDownload.class);

  private static final int CONNECT_TIMEOUT_MS = 10_000;
  private static final int READ_TIMEOUT_MS = 30_000;

  /** The archives have 6 to 8 MB. */
  private static final long ARCHIVE_BYTES_MAX = 64L << 20;

  private ReleaseDownload() {}

  /**
   * Puts a release's program at a path, at once or not at all: several processes may do so at the
   * same time.
   *
   * @throws EmbeddedServerException if it cannot be fetched or is not the release
   */
  static void fetch(Release release, URI base, Path target) {
    URI archiveUrl = release.archive(base);
    LOG.info("No nats-server is installed: downloading {}", archiveUrl);
    try {
      Path directory = Files.createDirectories(target.toAbsolutePath().getParent());
      Path archive = Files.createTempFile(directory, "nats-server-", ".tar.gz");
      Path program = Files.createTempFile(directory, "nats-server-", ".tmp");
      try {
        String sha256 = download(archiveUrl, archive);
        if (!sha256.equals(release.sha256())) {
          throw new EmbeddedServerException(
              "What was downloaded from "
                  + archiveUrl
                  + " is not the release and was thrown away: its SHA-256 is "
                  + sha256
                  + ", expected "
                  + release.sha256()
                  + ". "
                  + ServerBinary.HOW_TO_INSTALL);
        }
        ReleaseArchive.extract(archive, release.entry(), program);
        if (!program.toFile().setExecutable(true, true)) {
          throw new IOException(program + " cannot be made executable");
        }
        Files.move(program, target, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(archive);
        Files.deleteIfExists(program);
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new EmbeddedServerException(
          "No nats-server is installed, and it could not be downloaded from "
              + archiveUrl
              + " to "
              + target
              + " ("
              + e
              + "). "
              + ServerBinary.HOW_TO_INSTALL,
          e);
    }
  }

  private static String download(URI from, Path to) throws IOException {
    URLConnection connection = from.toURL().openConnection();
    connection.setConnectTimeout(CONNECT_TIMEOUT_MS);
    connection.setReadTimeout(READ_TIMEOUT_MS);
    if (connection instanceof HttpURLConnection http && http.getResponseCode() != 200) {
      throw new IOException("the answer was HTTP " + http.getResponseCode());
    }
    MessageDigest digest = sha256();
    try (InputStream in = connection.getInputStream();
        OutputStream out = new DigestOutputStream(Files.newOutputStream(to), digest)) {
      byte[] buffer = new byte[1 << 16];
      long total = 0;
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        total += read;
        if (total > ARCHIVE_BYTES_MAX) {
          throw new IOException("it is larger than " + ARCHIVE_BYTES_MAX + " bytes");
        }
        out.write(buffer, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
