package io.voiceprint.engine.cpu;

/**
 * The first rows of a convolution's output read rows that lie before the strip. The strip before
 * has computed them right, in its halo: this step hands them on.
 *
 * @param region of the convolution's output
 * @param kept the rows between two strips
 * @param step rows from the beginning of a strip to that of the next
 */
record SeamRows(Region region, Region kept, int step) implements Step {
  @Override
  public void execute(Run run) {
    long rowBytes = region.rowBytes();
    long bytes = kept.groupBytes();
    for (int group = 0; group < region.groups(); group++) {
      long first = region.groupOffset(group);
      if (run.begin() > 0) {
        run.arena().copy(kept.groupOffset(group), first, bytes);
      }
      run.arena().copy(first + step * rowBytes, kept.groupOffset(group), bytes);
    }
  }
}
