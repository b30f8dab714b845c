package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibrarySearchTest {
  private static final List<String> CUBLAS = List.of("libcublas.so.12", "libcublas.so.13");

  @TempDir Path root;

  private Path file(String path) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, path);
  }

  private Optional<LibrarySearch.Found> find(Map<String, String> environment) {
    return new LibrarySearch(root, environment).find(CUBLAS);
  }

  private String at(String path) {
    return root.resolve(path).toString();
  }

  @Test
  void placesComeInTheDocumentedOrder() throws IOException {
    Map<String, String> environment =
        Map.of(
            "VOICEPRINT_CUDA_PATH", at("chosen"),
            "CUDA_HOME", at("home"),
            "LD_LIBRARY_PATH", at("ld"),
            "VIRTUAL_ENV", at("venv"),
            "HOME", at("me"));
    // From the last place to the first: each must win over all before it.
    List<String> places =
        List.of(
            "opt/app/.venv/lib/python3.12/site-packages/nvidia/cublas/lib",
            "usr/lib/python3/dist-packages/nvidia/cublas/lib",
            "me/.local/lib/python3.11/site-packages/nvidia/cu13/lib",
            "venv/lib/python3.12/site-packages/nvidia/cublas/lib",
            "usr/local/cuda-12.4/lib64",
            "usr/local/cuda-12.8/lib64",
            "usr/local/nvidia/lib64",
            "usr/lib64",
            "usr/lib/x86_64-linux-gnu",
            "ld",
            "home/lib64",
            "chosen/lib",
            "chosen");
    assertEquals(Optional.empty(), find(environment));
    for (String place : places) {
      Path library = file(place + "/libcublas.so.12");
      assertEquals(library, find(environment).orElseThrow().path());
    }
  }

  @Test
  void loaderCacheComesBeforeToolkits() throws IOException {
    file("usr/local/cuda/lib64/libcublas.so.12");
    Path known = file("somewhere/libcublas.so.12");
    file("etc/x");
    Files.write(
        root.resolve("etc/ld.so.cache"),
        LoaderCacheTest.cache(0x0303, "libcublas.so.12", known.toString()));
    LibrarySearch.Found found = find(Map.of()).orElseThrow();
    assertEquals(known, found.path());
    assertTrue(found.origin().contains("ld.so.cache"), found.origin());
  }

  @Test
  void inOneFolderTheBoundNameWins() throws IOException {
    file("usr/local/cuda/lib64/libcublas.so.13");
    assertEquals("libcublas.so.13", find(Map.of()).orElseThrow().name());
    file("usr/local/cuda/lib64/libcublas.so.12");
    assertEquals("libcublas.so.12", find(Map.of()).orElseThrow().name());
  }

  @Test
  void anEarlierFolderWinsOverABetterName() throws IOException {
    file("a/libcublas.so.13");
    file("b/libcublas.so.12");
    LibrarySearch.Found found =
        find(Map.of("VOICEPRINT_CUDA_PATH", at("a") + ":" + at("b"))).orElseThrow();
    assertEquals("libcublas.so.13", found.name());
    assertEquals("VOICEPRINT_CUDA_PATH", found.origin());
  }

  @Test
  void triedNamesEveryFolderAndWhatKeptItFromLooking() throws IOException {
    Files.createDirectories(root.resolve("usr/local/cuda-12.8/lib64"));
    String tried =
        String.join("\n", new LibrarySearch(root, Map.of("CUDA_HOME", at("gone"))).tried());
    assertTrue(tried.contains(at("gone") + " (CUDA_HOME)"), tried);
    assertTrue(tried.contains(at("usr/local/cuda-12.8/lib64")), tried);
    assertTrue(tried.contains("not the loader's cache"), tried);
  }

  @Test
  void headersAreFoundInToolkitsAndWheels() throws IOException {
    Path toolkit = file("usr/local/cuda-12.8/lib64/libnvrtc.so.12");
    Path wheel = file("v/lib/python3.12/site-packages/nvidia/cuda_nvrtc/lib/libnvrtc.so.12");
    Path newWheel = file("v/lib/python3.12/site-packages/nvidia/cu13/lib/libnvrtc.so.13");
    LibrarySearch search = new LibrarySearch(root, Map.of());
    assertEquals(Optional.empty(), search.includeFolder(wheel));
    Path wheelHeaders =
        file("v/lib/python3.12/site-packages/nvidia/cuda_runtime/include/cuda_fp16.h").getParent();
    assertEquals(Optional.of(wheelHeaders), search.includeFolder(wheel));
    Path newWheelHeaders =
        file("v/lib/python3.12/site-packages/nvidia/cu13/include/cuda_fp16.h").getParent();
    assertEquals(Optional.of(newWheelHeaders), search.includeFolder(newWheel));
    Path toolkitHeaders = file("usr/local/cuda-12.8/include/cuda_fp16.h").getParent();
    assertEquals(Optional.of(toolkitHeaders), search.includeFolder(toolkit));
  }
}
