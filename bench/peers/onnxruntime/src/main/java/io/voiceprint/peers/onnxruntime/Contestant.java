package io.voiceprint.peers.onnxruntime;

import ai.onnxruntime.OrtException;
import io.voiceprint.frontend.Features;
import java.util.List;

/** Something that turns features into embeddings, one call at a time. */
interface Contestant extends AutoCloseable {

  String name();

  /** Embeddings of utterances of one length. */
  List<float[]> embed(List<Features> utterances) throws OrtException;

  @Override
  void close() throws OrtException;
}
