package io.voiceprint.cuda;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds and loads the libraries of CUDA, each when it is first needed; {@link LibrarySearch} says
 * where. Libraries belong to the process, so this is one per process. Thread-safe.
 *
 * <p>glibc takes a library that is already loaded under the name another one needs. So loading the
 * file that was found, by its path, decides what JCuda's native part gets; where only a newer major
 * version was found, a forwarding library with the old name is loaded behind it.
 */
public final class CudaLibraries {
  private static final LibrarySearch SEARCH = LibrarySearch.ofThisMachine();
  private static final Map<CudaLibrary, Status> LOADED = new EnumMap<>(CudaLibrary.class);

  private CudaLibraries() {}

  /**
   * How it went with one library.
   *
   * @param path the file that was loaded, empty if none was found
   * @param version as its file name tells, such as {@code "12.6.4.1"}
   * @param notes where it was found, what was loaded with it, and every place tried if it was not
   * @param problem why it cannot be used and what to do; empty if it can
   */
  public record Status(
      CudaLibrary library,
      Optional<Path> path,
      String version,
      List<String> notes,
      String problem) {
    public Status {
      notes = List.copyOf(notes);
    }

    public boolean isUsable() {
      return problem.isEmpty();
    }
  }

  /** Loads whatever can be loaded and tells how it went, for diagnosis. */
  public static List<Status> report() {
    List<Status> all = new ArrayList<>();
    for (CudaLibrary library : CudaLibrary.values()) {
      all.add(status(library));
    }
    return all;
  }

  /** Loads a library if that was not tried yet, and tells how it went. */
  public static synchronized Status status(CudaLibrary library) {
    Status known = LOADED.get(library);
    if (known == null) {
      library.before().forEach(CudaLibraries::status);
      known = attempt(library);
      LOADED.put(library, known);
    }
    return known;
  }

  /**
   * Loads a library.
   *
   * @throws CudaException if it cannot be used; says what was tried and what to do
   */
  public static void require(CudaLibrary library) {
    Status status = status(library);
    if (!status.isUsable()) {
      throw CudaException.unavailable(status.problem() + "; " + String.join("; ", status.notes()));
    }
  }

  /** CUDA's headers, which the runtime compiler needs. */
  static Optional<Path> includeFolder() {
    return status(CudaLibrary.NVRTC).path().flatMap(SEARCH::includeFolder);
  }

  private static Status attempt(CudaLibrary library) {
    List<String> notes = new ArrayList<>();
    String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!platform.equals("Linux amd64")) {
      return failed(library, null, notes, "CUDA is supported on Linux amd64, this is " + platform);
    }
    Optional<LibrarySearch.Found> found = SEARCH.find(library.names());
    if (found.isEmpty()) {
      notes.add("looked in " + SEARCH.tried());
      String names = String.join(" or ", library.names());
      return failed(library, null, notes, names + " was not found: " + library.remedy());
    }
    LibrarySearch.Found file = found.get();
    notes.add(file.path() + " through " + file.origin());
    try {
      loadWithDependencies(library, file, notes);
      if (!file.name().equals(library.boundName())) {
        bridge(library, file, notes);
      }
      JcudaBinding.load(library);
    } catch (IOException | LinkageError e) {
      return failed(library, file, notes, file.path() + " cannot be used: " + reason(e));
    }
    return new Status(library, Optional.of(file.path()), version(file), notes, "");
  }

  private static void loadWithDependencies(
      CudaLibrary library, LibrarySearch.Found file, List<String> notes) throws IOException {
    for (String name : library.dependencies(file.name())) {
      Path beside = file.path().resolveSibling(name);
      Path path = Files.isReadable(beside) ? beside : search(name, notes);
      if (path != null) {
        System.load(path.toString());
      }
    }
    for (String pattern : library.parts(file.name())) {
      try (DirectoryStream<Path> parts =
          Files.newDirectoryStream(file.path().getParent(), pattern)) {
        parts.forEach(part -> loadPart(part, notes));
      }
    }
    System.load(file.path().toString());
  }

  /** Null is left to the loader, which may know a place we do not; it says so if it does not. */
  private static Path search(String name, List<String> notes) {
    Optional<LibrarySearch.Found> found = SEARCH.find(List.of(name));
    if (found.isEmpty()) {
      notes.add(name + " was not found in " + SEARCH.tried());
    }
    return found.map(LibrarySearch.Found::path).orElse(null);
  }

  private static void loadPart(Path path, List<String> notes) {
    try {
      System.load(path.toString());
    } catch (UnsatisfiedLinkError e) {
      notes.add(path.getFileName() + " is left to the library: " + reason(e));
    }
  }

  private static void bridge(CudaLibrary library, LibrarySearch.Found file, List<String> notes)
      throws IOException {
    Path folder = JcudaBinding.privateFolder();
    Path forwarder = folder.resolve(library.boundName());
    try {
      JcudaBinding.unpack(CudaLibraries.class, "native/" + library.boundName(), forwarder);
      System.load(forwarder.toString());
      notes.add(library.boundName() + " is forwarded to " + file.name());
    } finally {
      Files.deleteIfExists(forwarder);
      Files.delete(folder);
    }
  }

  private static Status failed(
      CudaLibrary library, LibrarySearch.Found file, List<String> notes, String problem) {
    return new Status(
        library,
        Optional.ofNullable(file).map(LibrarySearch.Found::path),
        file == null ? "" : version(file),
        notes,
        problem);
  }

  /** What follows {@code .so.} in the name of the file itself, behind all links. */
  private static String version(LibrarySearch.Found file) {
    String name = file.name();
    try {
      name = file.path().toRealPath().getFileName().toString();
    } catch (IOException e) {
      return "unknown: " + e;
    }
    int suffix = name.indexOf(".so.");
    return suffix < 0 ? "" : name.substring(suffix + ".so.".length());
  }

  /** JCuda's message is a page of nested stack traces, of which the last names the cause. */
  private static String reason(Throwable e) {
    String text = String.valueOf(e.getMessage());
    String marker = UnsatisfiedLinkError.class.getName() + ": ";
    int nested = text.lastIndexOf(marker);
    String cause = nested < 0 ? text : text.substring(nested + marker.length());
    return cause.lines().findFirst().orElse(e.toString());
  }
}
