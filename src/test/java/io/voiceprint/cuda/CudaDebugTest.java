package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.process.ChildProcess;
import io.voiceprint.simcuda.SimCuda;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The switches for hunting faults; each run is a process of its own, since they are read once. */
class CudaDebugTest {
  @BeforeEach
  void onTheSoftwareDevice() {
    SimCuda.require();
  }

  private static List<String> run(String what, String... options) throws IOException {
    return ChildProcess.java(Map.of(), List.of(options), Hunt.class, List.of(what))
        .lines()
        .toList();
  }

  private static String line(List<String> lines, String start) {
    return lines.stream()
        .filter(line -> line.startsWith(start))
        .findFirst()
        .orElseThrow(() -> new AssertionError(start + " is not in " + lines));
  }

  @Test
  void aFaultIsReportedByTheNextWaitOrByItsLaunch() throws IOException {
    String late = line(run("fault"), "failed: ");
    assertTrue(late.startsWith("failed: at the wait: "), late);
    String early = line(run("fault", "-Dvoiceprint.cuda.sync=true"), "failed: ");
    assertTrue(early.startsWith("failed: at the launch: cuStreamSynchronize"), early);
    assertTrue(early.contains("after") && early.contains("cmn"), early);
  }

  @Test
  void aResourceRemembersWhereItWasOpenedIfAsked() throws IOException {
    assertEquals("cause: none", line(run("origin"), "cause: "));
    assertEquals("leak: event 'lost'", line(run("origin"), "leak: "));
    List<String> lines = run("origin", "-Dvoiceprint.cuda.origins=true");
    assertEquals("cause: event 'e' was opened here", line(lines, "cause: "));
    assertTrue(line(lines, "cause at: ").contains("Hunt.openEvent"), lines::toString);
    assertTrue(line(lines, "leak: ").contains("Hunt.openEvent"), lines::toString);
  }

  /** Makes one of two mistakes. */
  static final class Hunt {
    private Hunt() {}

    public static void main(String[] arguments) {
      CudaContext context = CudaContext.open(CudaDevice.list().get(0));
      if (arguments[0].equals("fault")) {
        fault(context);
      } else {
        origin(context);
      }
    }

    /** Launches a kernel on addresses that are none. */
    private static void fault(CudaContext context) {
      CudaStream stream = new CudaStream(context, "s");
      Kernel kernel = new KernelLibrary(context).kernel("cmn", "cmn");
      DeviceMemory clips = new DeviceMemory(context, "clips", 16);
      clips.write(TestDevice.buffer(16).putInt(8, 1 << 28).putInt(12, 2));
      DeviceMemory features = TestDevice.upload(context, "features", 1, 4);
      String where = "at the launch";
      try {
        kernel.launch(
            stream,
            new LaunchShape(1, 1, 1, 1, 8, 1, 8 * Double.BYTES),
            new Kernel.Arguments().address(clips.address()).address(features.address()));
        where = "at the wait";
        stream.synchronize();
      } catch (CudaException e) {
        System.out.println("failed: " + where + ": " + e.getMessage());
      }
    }

    private static void origin(CudaContext context) {
      CudaEvent event = openEvent(context, "e");
      event.close();
      openEvent(context, "lost");
      System.out.println("leak: " + context.leaks().get(0).replace('\n', ' '));
      try {
        event.synchronize();
      } catch (IllegalStateException e) {
        Throwable cause = e.getCause();
        System.out.println("cause: " + (cause == null ? "none" : cause.getMessage()));
        if (cause != null) {
          System.out.println("cause at: " + List.of(cause.getStackTrace()));
        }
      }
    }

    private static CudaEvent openEvent(CudaContext context, String name) {
      return new CudaEvent(context, name);
    }
  }
}
