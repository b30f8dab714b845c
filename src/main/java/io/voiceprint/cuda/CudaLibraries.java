package io.voiceprint.cuda;

/** placeholder */
public final class CudaLibraries {
  public static CudaLibraries load() {
    return new CudaLibraries();
  }

  public void require(CudaLibrary library) {}
}
