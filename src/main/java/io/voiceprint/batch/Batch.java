package io.voiceprint.batch;

import io.voiceprint.audio.PcmAudio;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/** Utterances that an engine computes in one call; at least one. */
record Batch(List<Request> requests) {
  int size() {
    return requests.size();
  }

  List<PcmAudio> utterances() {
    List<PcmAudio> utterances = new ArrayList<>(requests.size());
    for (Request request : requests) {
      utterances.add(request.audio());
    }
    return utterances;
  }

  /** At the front end's rate. */
  long samples() {
    return sum(Request::length);
  }

  long frames() {
    return sum(Request::frames);
  }

  /** Columns that its utterances take in a row. */
  int columns() {
    return Math.toIntExact(sum(Request::columns));
  }

  private long sum(ToLongFunction<Request> of) {
    long sum = 0;
    for (Request request : requests) {
      sum += of.applyAsLong(request);
    }
    return sum;
  }
}
