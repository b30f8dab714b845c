package io.voiceprint.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Compiled kernels on disk, one file each: the image, then its SHA-256. Files are written aside and
 * renamed, so a reader never sees half of one; a file that is damaged all the same counts as
 * absent. The folder must be the user's or root's and not writable by others, since what lies there
 * is run. What was not used for longest goes when there is too much.
 */
final class KernelCache {
  private static final System.Logger LOG = System.getLogger(KernelCache.class.getName());
  private static final int DIGEST_BYTES = 32;
  private static final String OWNER = "unix:uid";
  private static final Integer ROOT = 0;
  private static final Path SELF = Path.of("/proc/self");

  /**
   * All kernels for one card take about 4 MB; cards, compilers and versions of these come and go.
   */
  private static final long MAX_BYTES = 64 << 20;

  private final Path folder;
  private final long maxBytes;

  /**
   * @throws IOException if the folder cannot be made, belongs to somebody else, or others may write
   *     to it
   */
  KernelCache(Path folder) throws IOException {
    this(folder, MAX_BYTES);
  }

  /**
   * @param maxBytes that all files together may take
   */
  KernelCache(Path folder, long maxBytes) throws IOException {
    this.folder = folder;
    this.maxBytes = maxBytes;
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
    Object owner = Files.getAttribute(folder, OWNER);
    if (!owner.equals(ROOT) && !owner.equals(Files.getAttribute(SELF, OWNER))) {
      throw new IOException(folder + " belongs to another user; set VOICEPRINT_CACHE");
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
    Path file = folder.resolve(key);
    byte[] content;
    try {
      content = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    markUsed(file);
    if (content.length <= DIGEST_BYTES) {
      return Optional.empty();
    }
    byte[] image = Arrays.copyOf(content, content.length - DIGEST_BYTES);
    byte[] digest = Arrays.copyOfRange(content, image.length, content.length);
    return Arrays.equals(digest, KernelSources.sha256().digest(image))
        ? Optional.of(image)
        : Optional.empty();
  }

  private static void markUsed(Path file) {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    } catch (IOException e) {
      // Where that is not possible, as on a disk that can only be read, nothing goes either.
      LOG.log(System.Logger.Level.DEBUG, "not marked as used: {0}", e);
    }
  }

  /** Keeps an image, in the place of the one that had its key, and of others if there are many. */
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
    prune(folder.resolve(key));
  }

  /** A file of the cache; what another process has deleted meanwhile takes no room. */
  private record Entry(Path file, FileTime used, long bytes) {
    static Stream<Entry> of(Path file) {
      try {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return attributes.isRegularFile()
            ? Stream.of(new Entry(file, attributes.lastModifiedTime(), attributes.size()))
            : Stream.empty();
      } catch (IOException e) {
        return Stream.empty();
      }
    }
  }

  /** Half-written files of processes that were ended count like all others. */
  private void prune(Path newest) throws IOException {
    List<Entry> entries;
    try (Stream<Path> files = Files.list(folder)) {
      entries = files.flatMap(Entry::of).sorted(Comparator.comparing(Entry::used)).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    long bytes = entries.stream().mapToLong(Entry::bytes).sum();
    for (Entry entry : entries) {
      if (bytes <= maxBytes) {
        return;
      }
      if (!entry.file().equals(newest)) {
        Files.deleteIfExists(entry.file());
        bytes -= entry.bytes();
      }
    }
  }
}
