package io.voiceprint.cli;

import io.voiceprint.Device;
import io.voiceprint.DeviceAvailability;
import io.voiceprint.diagnosis.CudaReport;
import io.voiceprint.diagnosis.CudaReport.Gpu;
import io.voiceprint.diagnosis.CudaReport.Library;
import io.voiceprint.diagnosis.Diagnosis;
import io.voiceprint.diagnosis.SelfTest;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A diagnosis for people. */
final class DoctorText {
  private final StringBuilder text = new StringBuilder();

  private DoctorText() {}

  static String of(Diagnosis diagnosis) {
    return new DoctorText().write(diagnosis);
  }

  private String write(Diagnosis diagnosis) {
    line("%s, Java %s, %s", Version.text(), System.getProperty("java.version"), system());
    line("");
    line("Devices (auto takes the first that is available: %s)", diagnosis.automatic());
    for (DeviceAvailability device : diagnosis.devices()) {
      line("  %-10s %s", device.device(), device.missing().map(why -> "no: " + why).orElse("yes"));
    }
    line("");
    cuda(diagnosis.cuda());
    line("");
    line("Self-test against the reference engine");
    if (diagnosis.selfTests().isEmpty()) {
      line("  none: no device but the reference engine itself, which works");
    }
    diagnosis.selfTests().forEach(this::selfTest);
    line("");
    line("%s", verdict(diagnosis));
    return text.toString();
  }

  /** Operating system, architecture and processors. */
  static String system() {
    return "%s %s, %s"
        .formatted(
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            Terminal.count(Runtime.getRuntime().availableProcessors(), "processor"));
  }

  private void cuda(CudaReport cuda) {
    line(
        "CUDA (driver: %s; at least %s is needed)",
        cuda.driver().map(version -> "supports CUDA " + version).orElse("none"),
        cuda.minimumDriver());
    // Libraries that were looked for in vain were looked for in the same places: once is enough.
    Set<String> said = new HashSet<>();
    for (Library library : cuda.libraries()) {
      line(
          "  %-8s %s%s",
          library.name(),
          library.required() ? "" : "optional; ",
          library.isUsable() ? "found, version " + library.version() : library.problem());
      library.notes().stream().filter(said::add).forEach(note -> line("           %s", note));
    }
    cuda.problems().forEach(problem -> line("  problem: %s", problem));
    cuda.devices().forEach(this::gpu);
  }

  private void gpu(Gpu gpu) {
    line(
        "  device %d: %s, compute capability %s, %d SMs, %.1f GiB, %.1f GiB free",
        gpu.ordinal(),
        gpu.name(),
        gpu.computeCapability(),
        gpu.multiprocessors(),
        gib(gpu.totalBytes()),
        gib(gpu.freeBytes()));
    familiesByImage(gpu)
        .forEach((image, families) -> line("    kernels from %s: %s", image, families));
    if (!gpu.isUsable()) {
      line("    cannot be used: %s", gpu.problem());
    }
  }

  private static Map<String, String> familiesByImage(Gpu gpu) {
    return new TreeMap<>(gpu.kernels())
        .entrySet().stream()
            .collect(
                Collectors.groupingBy(
                    Map.Entry::getValue,
                    TreeMap::new,
                    Collectors.mapping(Map.Entry::getKey, Collectors.joining(", "))));
  }

  private void selfTest(SelfTest test) {
    String result =
        test.accuracy()
            .map(
                accuracy ->
                    String.format(
                        Locale.ROOT,
                        "%s, relative error %.1e (at most %.1e)",
                        accuracy.passes() ? "right" : "WRONG",
                        accuracy.relativeError(),
                        accuracy.bound()))
            .orElse("FAILED: " + test.problem());
    line(
        "  %-10s %-5s %s", test.device(), test.precision().name().toLowerCase(Locale.ROOT), result);
  }

  private static String verdict(Diagnosis diagnosis) {
    return diagnosis.isUsable(Device.CUDA)
        ? "The GPU can be used."
        : "CUDA cannot be used here; see above. Without it, device %s works."
            .formatted(fallback(diagnosis));
  }

  private static Device fallback(Diagnosis diagnosis) {
    return diagnosis.isUsable(Device.CPU) ? Device.CPU : Device.REFERENCE;
  }

  private static double gib(long bytes) {
    return bytes / (double) (1L << 30);
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
