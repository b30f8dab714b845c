package io.voiceprint.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Compiled kernels on disk, one file each: the image, then its SHA-256. Files are written aside and
 * renamed, so a reader never sees half of one; a file that is damaged all the same counts as
 * absent. The folder must not be writable by others, since what lies there is run.
 */
final class KernelCache {
  private static final int DIGEST_BYTES = 32;
  private final Path folder;

  /**
   * @throws IOException if the folder cannot be made or others may write to it
   */
  KernelCache(Path folder) throws IOException {
    this.folder = folder;
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new IOException(
          "%s cannot be made (%s); set VOICEPRINT_CACHE to a folder where that is possible"
              .formatted(folder, e),
          e);
    }
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
    if (permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException(
          folder
              + " is writable by others ("
              + PosixFilePermissions.toString(permissions)
              + "); run chmod 700 on it or set VOICEPRINT_CACHE");
    }
  }

  /** {@code VOICEPRINT_CACHE}, or {@code voiceprint} in the user's cache folder. */
  static Path defaultFolder(Map<String, String> environment, Path home) {
    String chosen = environment.getOrDefault("VOICEPRINT_CACHE", "");
    if (!chosen.isBlank()) {
      return Path.of(chosen).resolve("kernels");
    }
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path parent = cache.isBlank() ? home.resolve(".cache") : Path.of(cache);
    return parent.resolve("voiceprint").resolve("kernels");
  }

  Optional<byte[]> get(String key) throws IOException {
    byte[] content;
    try {
      content = Files.readAllBytes(folder.resolve(key));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (content.length <= DIGEST_BYTES) {
      return Optional.empty();
    }
    byte[] image = Arrays.copyOf(content, content.length - DIGEST_BYTES);
    byte[] digest = Arrays.copyOfRange(content, image.length, content.length);
    return Arrays.equals(digest, KernelSources.sha256().digest(image))
        ? Optional.of(image)
        : Optional.empty();
  }

  void put(String key, byte[] image) throws IOException {
    byte[] digest = KernelSources.sha256().digest(image);
    byte[] content = Arrays.copyOf(image, image.length + digest.length);
    System.arraycopy(digest, 0, content, image.length, digest.length);
    Path part = Files.createTempFile(folder, key, ".part");
    try {
      Files.write(part, content);
      Files.move(part, folder.resolve(key), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
