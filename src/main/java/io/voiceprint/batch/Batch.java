package io.voiceprint.batch;

import io.voiceprint.audio.PcmAudio;
import java.util.List;

/** Utterances that an engine computes in one call; at least one. */
record Batch(List<Request> requests) {
  int size() {
    return requests.size();
  }

  List<PcmAudio> utterances() {
    return requests.stream().map(Request::audio).toList();
  }

  /** At the front end's rate. */
  long samples() {
    return requests.stream().mapToLong(Request::length).sum();
  }

  long frames() {
    return requests.stream().mapToLong(Request::frames).sum();
  }

  /** Columns that its utterances take in a row. */
  int columns() {
    return Math.toIntExact(requests.stream().mapToLong(Request::columns).sum());
  }
}
