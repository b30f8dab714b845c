package io.voiceprint.engine.cpu;

import org.bytedeco.dnnl.memory;

/**
 * Copies a strip of a value that is read behind the head to its place among all rows. The halo at
 * its end is wrong there until the next strip is copied over it.
 *
 * @param copy from the strip to {@code target}
 * @param target as many rows of {@code whole} as a strip has
 * @param timeStride of the value
 */
record StripCopy(PrimitiveCall copy, memory target, Region whole, int timeStride) implements Step {
  @Override
  public void execute(Run run) {
    long row = run.begin() / timeStride;
    target.set_data_handle(run.arena().at(whole.groupOffset(0) + row * whole.rowBytes()));
    copy.execute(run);
  }
}
