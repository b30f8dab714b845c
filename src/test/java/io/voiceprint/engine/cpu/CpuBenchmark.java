package io.voiceprint.engine.cpu;

public final class CpuBenchmark {
  public static void main(String[] a) {
    System.out.println(CpuEngine.unavailableReason());
  }
}
