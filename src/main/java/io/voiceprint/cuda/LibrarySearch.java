package io.voiceprint.cuda;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the libraries of CUDA may lie, in the order in which the places are tried:
 *
 * <ol>
 *   <li>{@code VOICEPRINT_CUDA_PATH}, folders separated by colons;
 *   <li>{@code CUDA_HOME}, the root of a toolkit;
 *   <li>what the dynamic loader would take: {@code LD_LIBRARY_PATH}, then its cache, then the
 *       system's folders, where a driver may have been put after the cache was made;
 *   <li>{@code /usr/local/nvidia/lib64}, where container runtimes mount the driver;
 *   <li>{@code /usr/local/cuda*}, newest first;
 *   <li>the folders {@code nvidia/*}{@code /lib} of Python's site-packages (the wheels of NVIDIA),
 *       in {@code VIRTUAL_ENV}, {@code CONDA_PREFIX}, {@code ~/.local}, {@code /usr/local}, {@code
 *       /usr} and {@code /opt/*} with their {@code .venv}.
 * </ol>
 *
 * A folder that is named may be the root of a toolkit: its {@code lib64} and {@code lib} are tried
 * too.
 */
final class LibrarySearch {
  private static final List<String> SYSTEM_FOLDERS =
      List.of("usr/lib/x86_64-linux-gnu", "usr/lib64", "usr/lib");

  private final Path root;
  private final Map<String, String> environment;
  private final List<Place> places = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private Map<String, Path> loaderCache = Map.of();

  /** A folder to look in; null for the loader's cache. */
  private record Place(Path folder, String origin) {
    @Override
    public String toString() {
      return folder == null ? origin : folder + " (" + origin + ")";
    }
  }

  /**
   * A library that was found.
   *
   * @param name the name it was found under
   * @param origin what led there, such as {@code "CUDA_HOME"}
   */
  record Found(Path path, String name, String origin) {}

  /**
   * @param root of the file system, {@code /} save in tests
   */
  LibrarySearch(Path root, Map<String, String> environment) {
    this.root = root;
    this.environment = environment;
    addListed("VOICEPRINT_CUDA_PATH");
    addListed("CUDA_HOME");
    for (Path folder : listed("LD_LIBRARY_PATH")) {
      places.add(new Place(folder, "LD_LIBRARY_PATH"));
    }
    addLoaderCache();
    for (String folder : SYSTEM_FOLDERS) {
      if (Files.isDirectory(root.resolve(folder))) {
        places.add(new Place(root.resolve(folder), "system"));
      }
    }
    addToolkit(root.resolve("usr/local/nvidia"), "mounted driver");
    for (Path toolkit : matching(root.resolve("usr/local"), "cuda*")) {
      addToolkit(toolkit, "toolkit");
    }
    for (Path prefix : pythonPrefixes()) {
      addWheels(prefix);
    }
  }

  static LibrarySearch ofThisMachine() {
    return new LibrarySearch(Path.of("/"), System.getenv());
  }

  /** The first of the names that lies in the first of the places. */
  Optional<Found> find(List<String> names) {
    for (Place place : places) {
      for (String name : names) {
        Path path = place.folder == null ? loaderCache.get(name) : place.folder.resolve(name);
        if (path != null && Files.isReadable(path)) {
          return Optional.of(new Found(path, name, place.origin));
        }
      }
    }
    return Optional.empty();
  }

  /** Every place that is looked in, and what kept others from being looked in. */
  List<String> tried() {
    List<String> tried = new ArrayList<>();
    places.forEach(place -> tried.add(place.toString()));
    tried.addAll(problems);
    return tried;
  }

  /** The folder of CUDA's headers that belongs to the runtime compiler found at {@code nvrtc}. */
  Optional<Path> includeFolder(Path nvrtc) {
    List<Path> candidates = new ArrayList<>();
    Path folder = nvrtc.getParent();
    candidates.add(folder.resolve("../include"));
    candidates.add(folder.resolve("../../include"));
    candidates.add(folder.resolve("../../cuda_runtime/include"));
    for (Path home : listed("CUDA_HOME")) {
      candidates.add(home.resolve("include"));
    }
    for (Path toolkit : matching(root.resolve("usr/local"), "cuda*")) {
      candidates.add(toolkit.resolve("include"));
    }
    return candidates.stream()
        .map(Path::normalize)
        .filter(candidate -> Files.isReadable(candidate.resolve("cuda_fp16.h")))
        .findFirst();
  }

  private void addListed(String variable) {
    for (Path folder : listed(variable)) {
      places.add(new Place(folder, variable));
      addToolkit(folder, variable);
    }
  }

  private List<Path> listed(String variable) {
    List<Path> folders = new ArrayList<>();
    for (String folder : environment.getOrDefault(variable, "").split(File.pathSeparator, -1)) {
      if (!folder.isBlank()) {
        folders.add(Path.of(folder).toAbsolutePath());
      }
    }
    return folders;
  }

  private void addToolkit(Path toolkit, String origin) {
    for (String folder : List.of("lib64", "lib")) {
      if (Files.isDirectory(toolkit.resolve(folder))) {
        places.add(new Place(toolkit.resolve(folder), origin));
      }
    }
  }

  private void addLoaderCache() {
    Path file = root.resolve("etc/ld.so.cache");
    try {
      loaderCache = LoaderCache.read(file);
      places.add(new Place(null, "the loader's cache " + file));
    } catch (IOException e) {
      problems.add("not the loader's cache: " + e);
    }
  }

  private List<Path> pythonPrefixes() {
    List<Path> prefixes = new ArrayList<>(listed("VIRTUAL_ENV"));
    prefixes.addAll(listed("CONDA_PREFIX"));
    for (Path home : listed("HOME")) {
      prefixes.add(home.resolve(".local"));
    }
    prefixes.add(root.resolve("usr/local"));
    prefixes.add(root.resolve("usr"));
    for (Path application : matching(root.resolve("opt"), "*")) {
      prefixes.add(application);
      prefixes.add(application.resolve(".venv"));
    }
    return prefixes;
  }

  private void addWheels(Path prefix) {
    for (Path python : matching(prefix.resolve("lib"), "python3*")) {
      for (Path packages : matching(python, "{site,dist}-packages")) {
        for (Path wheel : matching(packages.resolve("nvidia"), "*")) {
          if (Files.isDirectory(wheel.resolve("lib"))) {
            places.add(new Place(wheel.resolve("lib"), "Python packages"));
          }
        }
      }
    }
  }

  /**
   * The folders in {@code parent} that match, last name first, so that newer versions come first.
   */
  private List<Path> matching(Path parent, String glob) {
    List<Path> folders = new ArrayList<>();
    if (!Files.isDirectory(parent)) {
      return folders;
    }
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(parent, glob)) {
      for (Path folder : stream) {
        if (Files.isDirectory(folder)) {
          folders.add(folder);
        }
      }
    } catch (IOException e) {
      problems.add("not " + parent + ": " + e);
    }
    folders.sort(Collections.reverseOrder());
    return folders;
  }
}
