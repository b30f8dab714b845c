package io.voiceprint.batch;

import java.util.List;

/** Utterances that an engine computes in one call; at least one. */
record Batch(List<Request> requests) {
  int size() {
    return requests.size();
  }

  List<float[]> utterances() {
    return requests.stream().map(Request::samples).toList();
  }

  long samples() {
    return requests.stream().mapToLong(request -> request.samples().length).sum();
  }

  long frames() {
    return requests.stream().mapToLong(Request::frames).sum();
  }

  /** Columns that its utterances take in a row. */
  int columns() {
    return Math.toIntExact(requests.stream().mapToLong(Request::columns).sum());
  }
}
