package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class KernelSourcesTest {
  @Test
  void aFamilyComesWithTheHeadersItIncludes() {
    KernelSources sources = KernelSources.of("pcm");
    assertTrue(sources.main().contains("resample_polyphase"));
    assertTrue(sources.main().contains("#include \"common.cuh\""));
    assertTrue(sources.headers().get("common.cuh").contains("DYNAMIC_SHARED"));
    // The headers of headers too.
    for (String text : sources.headers().values()) {
      for (String line : text.lines().filter(l -> l.startsWith("#include \"")).toList()) {
        assertTrue(
            sources
                .headers()
                .containsKey(line.substring(line.indexOf("\"") + 1, line.lastIndexOf("\""))),
            line);
      }
    }
  }

  @Test
  void aMissingFamilyIsNamed() {
    CudaException e = assertThrows(CudaException.class, () -> KernelSources.of("no_such_family"));
    assertEquals(CudaException.Kind.UNAVAILABLE, e.kind());
    assertTrue(e.getMessage().contains("no_such_family.cu"), e.getMessage());
  }

  @Test
  void theDigestDependsOnEveryTextNameAndOption() {
    KernelSources sources = new KernelSources("f", "m", new TreeMap<>(Map.of("h", "t")));
    Set<String> digests =
        Set.of(
            sources.digest(List.of("sm_90")),
            new KernelSources("g", "m", sources.headers()).digest(List.of("sm_90")),
            new KernelSources("f", "n", sources.headers()).digest(List.of("sm_90")),
            new KernelSources("f", "m", new TreeMap<>(Map.of("i", "t"))).digest(List.of("sm_90")),
            new KernelSources("f", "m", new TreeMap<>(Map.of("h", "u"))).digest(List.of("sm_90")),
            new KernelSources("f", "m", new TreeMap<>()).digest(List.of("sm_90")),
            sources.digest(List.of("sm_120")),
            sources.digest(List.of("sm_90", "--use_fast_math")));
    assertEquals(8, digests.size());
    assertEquals(
        sources.digest(List.of("sm_90")),
        new KernelSources("f", "m", new TreeMap<>(Map.of("h", "t"))).digest(List.of("sm_90")));
    // Joined without lengths these two would read the same.
    assertNotEquals(
        new KernelSources("ab", "c", new TreeMap<>()).digest(List.of("sm_90")),
        new KernelSources("a", "bc", new TreeMap<>()).digest(List.of("sm_90")));
  }
}
