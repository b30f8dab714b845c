package io.voiceprint.peers.onnxruntime;

import ai.onnxruntime.OrtException;
import io.voiceprint.engine.Precision;
import io.voiceprint.frontend.Features;
import java.util.List;

/** Something that turns features into embeddings, one call at a time. */
interface Contestant extends AutoCloseable {

  /** Unique name with version and precision, such as {@code "onnxruntime 1.29.0 cpu"}. */
  String name();

  /** What computes, in words. */
  String device();

  Precision precision();

  /** Embeddings of utterances of one length. */
  List<float[]> embed(List<Features> utterances) throws OrtException;

  @Override
  void close() throws OrtException;
}
