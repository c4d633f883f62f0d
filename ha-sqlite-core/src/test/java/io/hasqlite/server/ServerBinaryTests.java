package io.hasqlite.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerBinaryTests {

  private static final String ENTRY = "nats-server-v9.9.9-linux-amd64/nats-server";
  private static final String PROGRAM = "#!/bin/sh\necho 'nats-server: v9.9.9'\n";

  @TempDir Path directory;

  private HttpServer mirror;
  private byte[] archive = new byte[0];
  private final AtomicInteger requests = new AtomicInteger();

  @BeforeEach
  void startMirror() throws IOException {
    mirror = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    mirror.createContext(
        "/mirror/v9.9.9/nats-server-v9.9.9-linux-amd64.tar.gz",
        exchange -> {
          requests.incrementAndGet();
          exchange.sendResponseHeaders(200, archive.length);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(archive);
          }
        });
    mirror.start();
  }

  @AfterEach
  void stopMirror() {
    mirror.stop(0);
  }

  @Test
  void whatIsConfiguredComesFirst() throws Exception {
    Path configured = program("configured", "2.9.10");
    Path named = program("named/nats-server", "2.9.11");

    ServerBinary binary =
        ServerBinary.find(configured, null, places(Map.of("NATS_SERVER", named.toString())));

    assertThat(binary).isEqualTo(new ServerBinary(configured, new ServerVersion(2, 9, 10)));
  }

  @Test
  void theEnvironmentVariableComesBeforeThePathAndThatBeforeTheUsualFolders() throws Exception {
    Path named = program("named/any", "2.9.11");
    Path onPath = program("path/nats-server", "2.9.12");
    Path usual = program("usual/nats-server", "2.9.13");
    String path = directory.resolve("nothing") + ":" + directory.resolve("path");

    assertThat(
            find(Map.of("NATS_SERVER", named.toString(), "PATH", path), directory.resolve("usual")))
        .isEqualTo(named);
    assertThat(find(Map.of("PATH", path), directory.resolve("usual"))).isEqualTo(onPath);
    assertThat(find(Map.of("NATS_SERVER", " "), directory.resolve("usual"))).isEqualTo(usual);
  }

  @Test
  void whatIsNamedExplicitlyMustWork() throws Exception {
    Path old = program("old", "2.8.4");
    Path other = write("other", "#!/bin/sh\necho hello\n");

    assertRefused(directory.resolve("absent"), "ha.sqlite.nats.embedded.binary", "no program");
    assertRefused(directory, "no program");
    assertRefused(old, "2.8.4", "2.9.0");
    assertRefused(other, "does not print the version");
    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(
            () -> ServerBinary.find(null, null, places(Map.of("NATS_SERVER", "/nowhere/nats"))))
        .withMessageContaining("NATS_SERVER")
        .withMessageContaining("/nowhere/nats");
  }

  @Test
  void aServerThatIsTooOldIsPassedOver() throws Exception {
    Path old = program("old/nats-server", "2.7.2");
    Path recent = program("recent/nats-server", "2.10.1");

    assertThat(find(Map.of("PATH", directory.resolve("old") + ":" + directory.resolve("recent"))))
        .isEqualTo(recent);
    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(
            () ->
                ServerBinary.find(
                    null, null, places(Map.of("PATH", directory.resolve("old").toString()), null)))
        .withMessageContaining(old + " is version 2.7.2")
        .withMessageContaining("apt-get install nats-server");
  }

  @Test
  void aReleaseIsDownloadedOnceAndKept() throws Exception {
    archive = tarGz(Map.of("other/file", "x".repeat(700), ENTRY, PROGRAM));
    ServerBinary.Places places = places(Map.of(), release(sha256(archive)));

    ServerBinary first = ServerBinary.find(null, mirrorUrl(), places);
    ServerBinary second = ServerBinary.find(null, null, places);

    assertThat(first)
        .isEqualTo(
            new ServerBinary(
                directory.resolve("cache/nats-server-9.9.9"), new ServerVersion(9, 9, 9)));
    assertThat(second).isEqualTo(first);
    assertThat(requests).hasValue(1);
    assertThat(first.path()).hasContent(PROGRAM);
    assertThat(filesIn("cache")).containsExactly("nats-server-9.9.9");
  }

  @Test
  void anArchiveWithAnotherChecksumIsNeitherUnpackedNorKept() throws Exception {
    archive = tarGz(Map.of(ENTRY, PROGRAM));
    String expected = "0".repeat(64);

    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(() -> ServerBinary.find(null, mirrorUrl(), places(Map.of(), release(expected))))
        .withMessageContaining(expected)
        .withMessageContaining(sha256(archive))
        .withMessageContaining("thrown away");
    assertThat(filesIn("cache")).isEmpty();
  }

  @Test
  void entriesThatPointOutsideAreNotWritten() throws Exception {
    archive =
        tarGz(Map.of("../../escaped", "x", "/tmp/ha-sqlite-escaped", "x", "../" + ENTRY, PROGRAM));

    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(
            () -> ServerBinary.find(null, mirrorUrl(), places(Map.of(), release(sha256(archive)))))
        .withMessageContaining("holds no file " + ENTRY);
    assertThat(filesIn("")).containsExactly("cache");
    assertThat(filesIn("cache")).isEmpty();
    assertThat(Path.of("/tmp/ha-sqlite-escaped")).doesNotExist();
  }

  @Test
  void aFileThatIsNoArchiveIsRefused() throws Exception {
    archive = "<html>Welcome to the hotel's network</html>".getBytes(StandardCharsets.UTF_8);

    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(
            () -> ServerBinary.find(null, mirrorUrl(), places(Map.of(), release(sha256(archive)))))
        .withMessageContaining("could not be downloaded");
  }

  @Test
  void aMirrorThatIsAwayOrLacksTheReleaseIsSaid() {
    ServerBinary.Places places = places(Map.of(), release("0".repeat(64)));
    URI lacking = URI.create(mirrorUrl() + "/other");

    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(() -> ServerBinary.find(null, lacking, places))
        .withMessageContaining(lacking + "/v9.9.9/")
        .withMessageContaining("HTTP 404")
        .withMessageContaining("Install nats-server");
    mirror.stop(0);
    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(() -> ServerBinary.find(null, mirrorUrl(), places))
        .withMessageContaining("could not be downloaded from " + mirrorUrl())
        .withMessageContaining("Install nats-server");
  }

  @Test
  void downloadsCanBeTurnedOff() {
    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(() -> ServerBinary.find(null, null, places(Map.of(), release("0".repeat(64)))))
        .withMessageContaining("Downloads are turned off")
        .withMessageContaining("Install nats-server");
    assertThat(requests).hasValue(0);
  }

  @Test
  void releasesAreKnownForLinuxOnly() {
    assertThat(Release.forMachine("Linux", "amd64")).map(Release::arch).contains("amd64");
    assertThat(Release.forMachine("Linux", "aarch64")).map(Release::arch).contains("arm64");
    assertThat(Release.forMachine("Linux", "riscv64")).isEmpty();
    assertThat(Release.forMachine("Mac OS X", "aarch64")).isEmpty();
    assertThat(Release.forMachine("Windows 11", "amd64")).isEmpty();
    assertThat(
            Release.forMachine("Linux", "amd64")
                .orElseThrow()
                .archive(EmbeddedServerOptions.DEFAULT_DOWNLOAD_URL))
        .hasToString(
            "https://github.com/nats-io/nats-server/releases/download/v2.14.5/nats-server-v2.14.5-linux-amd64.tar.gz");
  }

  @Test
  void theSetupScriptKnowsTheSameRelease() throws Exception {
    String script = Files.readString(Path.of("..", "scripts", "setup"));

    assertThat(script).contains(Release.PINNED_VERSION);
    Release.SHA256_BY_ARCH.forEach((arch, sha256) -> assertThat(script).contains(arch, sha256));
  }

  private Path find(Map<String, String> environment, Path... folders) {
    ServerBinary.Places places =
        new ServerBinary.Places(
            environment, List.of(folders), directory.resolve("cache"), release("0"));
    return ServerBinary.find(null, null, places).path();
  }

  private ServerBinary.Places places(Map<String, String> environment) {
    return places(environment, null);
  }

  private ServerBinary.Places places(Map<String, String> environment, @Nullable Release release) {
    return new ServerBinary.Places(environment, List.of(), directory.resolve("cache"), release);
  }

  private static Release release(String sha256) {
    return new Release("9.9.9", "amd64", sha256);
  }

  private URI mirrorUrl() {
    return URI.create("http://127.0.0.1:" + mirror.getAddress().getPort() + "/mirror");
  }

  private void assertRefused(Path configured, String... words) {
    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(() -> ServerBinary.find(configured, null, places(Map.of())))
        .satisfies(e -> assertThat(e.getMessage()).contains(words));
  }

  private Path program(String name, String version) throws IOException {
    return write(name, "#!/bin/sh\necho 'nats-server: v" + version + "'\n");
  }

  private Path write(String name, String content) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file;
  }

  private List<String> filesIn(String folder) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve(folder))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static byte[] tarGz(Map<String, String> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        byte[] content = file.getValue().getBytes(StandardCharsets.UTF_8);
        byte[] header = new byte[512];
        put(header, 0, file.getKey());
        put(header, 124, String.format("%011o", content.length));
        header[156] = '0';
        put(header, 257, "ustar");
        out.write(header);
        out.write(content);
        out.write(new byte[(512 - content.length % 512) % 512]);
      }
      out.write(new byte[1024]);
    }
    return bytes.toByteArray();
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }
}
