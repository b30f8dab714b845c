package io.voiceprint.cuda;

/**
 * How many threads run a kernel: blocks in the grid, threads in a block, along x, y and z.
 *
 * @param sharedBytes dynamic shared memory of a block
 */
public record LaunchShape(
    int gridX, int gridY, int gridZ, int blockX, int blockY, int blockZ, int sharedBytes) {

  /** Most threads a block may have, on every device. */
  public static final int MAX_BLOCK_THREADS = 1024;

  /** Most blocks along y and along z, on every device. */
  public static final int MAX_GRID_YZ = 65535;

  public LaunchShape {
    long threads = (long) blockX * blockY * blockZ;
    boolean positive =
        gridX > 0 && gridY > 0 && gridZ > 0 && blockX > 0 && blockY > 0 && blockZ > 0;
    if (!positive
        || sharedBytes < 0
        || threads > MAX_BLOCK_THREADS
        || gridY > MAX_GRID_YZ
        || gridZ > MAX_GRID_YZ) {
      throw new IllegalArgumentException(
          "not a launch: "
              + text(gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes)
              + "; extents are at least 1, a block has at most 1024 threads, gridY and gridZ are at most 65535");
    }
  }

  /** A grid and block along x only. */
  public static LaunchShape linear(int grid, int block, int sharedBytes) {
    return new LaunchShape(grid, 1, 1, block, 1, 1, sharedBytes);
  }

  private static String text(int gx, int gy, int gz, int bx, int by, int bz, int shared) {
    return "grid=(%d, %d, %d), block=(%d, %d, %d), sharedBytes=%d"
        .formatted(gx, gy, gz, bx, by, bz, shared);
  }

  /** Such as {@code "grid=(40, 1, 1), block=(256, 1, 1), sharedBytes=0"}. */
  @Override
  public String toString() {
    return text(gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes);
  }
}
