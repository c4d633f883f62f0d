package io.hasqlite.server;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The official release of nats-server that is downloaded if none is installed. The checksums are
 * those of the official container images' build files.
 *
 * @param version the version without a prefix
 * @param arch the processor as the release names it
 * @param sha256 the archive's checksum in hexadecimal
 */
record Release(String version, String arch, String sha256) {

  static final String PINNED_VERSION = "2.14.5";

  static final Map<String, String> SHA256_BY_ARCH =
      Map.of(
          "amd64", "5e3b603d47c447bda1f77f9ac16dbf91c90aac4ff3681f8fbbc7201e4ed99355",
          "arm64", "673a98d3faa79dde3f9ebf16d6dfac36a5f694e7ad2015e4954dd7939c85cd4c",
          "arm7", "c8796b63a8603fdebabd63146ac3d3997c29a2829fdd2af6db320f4a287f2e71",
          "s390x", "829193e8c592e0df5f15402c27417df18d26503d22b77dfc9491982fe0b51a67",
          "ppc64le", "5d8f1a264a3bc4b30899814ae8e898b1268e817074635adddd24b32f388e4cc4");

  /**
   * Returns the release for a machine, given as the JVM names it; none where no checksum is known.
   */
  static Optional<Release> forMachine(String osName, String osArch) {
    if (!osName.toLowerCase(Locale.ROOT).startsWith("linux")) {
      return Optional.empty();
    }
    String arch =
        switch (osArch.toLowerCase(Locale.ROOT)) {
          case "amd64", "x86_64" -> "amd64";
          case "aarch64", "arm64" -> "arm64";
          case "arm" -> "arm7";
          default -> osArch.toLowerCase(Locale.ROOT);
        };
    return Optional.ofNullable(SHA256_BY_ARCH.get(arch))
        .map(sha256 -> new Release(PINNED_VERSION, arch, sha256));
  }

  URI archive(URI base) {
    String path = base.toString().replaceAll("/+$", "") + "/v" + version + "/" + folder();
    return URI.create(path + ".tar.gz");
  }

  /** The one entry of the archive that is of interest. */
  String entry() {
    return folder() + "/nats-server";
  }

  private String folder() {
    return "nats-server-v" + version + "-linux-" + arch;
  }
}
