package io.voiceprint.engine;

import io.voiceprint.frontend.FbankOptions;

/** An engine that executes any {@link Pipeline}. */
public interface PipelineEngine extends Engine {
  /** What this engine executes. */
  Pipeline pipeline();

  @Override
  default FbankOptions frontEnd() {
    return pipeline().frontEnd();
  }

  @Override
  default int embeddingSize() {
    return pipeline().graph().embeddingSize();
  }

  @Override
  default int minFrames() {
    return pipeline().graph().minFrames();
  }
}
