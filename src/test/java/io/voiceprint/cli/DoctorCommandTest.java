package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** On the software CUDA device, on a GPU, or on a machine with neither. */
final class DoctorCommandTest {
  @Test
  @SuppressWarnings("unchecked")
  void namesEveryLibraryAndTestsEveryPrecision() {
    CliRun run = CliRun.of("doctor", "--json");
    Map<String, Object> result = Json.object(run.out());
    boolean works = (Boolean) result.get("gpu_works");
    assertEquals(works ? 0 : 3, run.exitCode());
    List<Map<String, Object>> findings = (List<Map<String, Object>>) result.get("findings");
    List<String> libraries = names(findings, "library");
    assertEquals(List.of("driver", "cublas", "cufft", "nvrtc", "cudnn"), libraries);
    assertEquals(
        names(findings, "device").isEmpty() ? List.of() : List.of("fp32", "tf32", "fp16"),
        names(findings, "self-test"));
    for (Map<String, Object> finding : findings) {
      assertEquals(finding.get("good"), finding.get("problem").equals(""), () -> "" + finding);
      if (finding.get("subject").equals("self-test")) {
        double error = Double.parseDouble((String) finding.get("error"));
        double bound = Double.parseDouble((String) finding.get("bound"));
        assertTrue(error > 0 && error <= bound, () -> "" + finding);
      }
    }
  }

  private static List<String> names(List<Map<String, Object>> findings, String subject) {
    return findings.stream()
        .filter(finding -> finding.get("subject").equals(subject))
        .map(finding -> (String) finding.get("name"))
        .toList();
  }

  @Test
  void tellsPeopleTheSame() {
    CliRun run = CliRun.of("doctor");
    boolean works = run.exitCode() == 0;
    assertEquals(works, run.out().endsWith("The GPU works.\n"), run.out());
    assertTrue(run.out().contains("cudnn"), run.out());
    assertFalse(run.out().contains("problem") && works, run.out());
  }
}
