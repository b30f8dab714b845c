package io.voiceprint.bench;

import io.voiceprint.audio.PcmAudio;
import io.voiceprint.diagnosis.Accuracy;
import io.voiceprint.engine.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The calls of a workload. Every result is compared with what each clip gave alone and at rest, so
 * that an engine which is right only alone, or only without load, is found out.
 */
final class CheckedCall implements Call {
  private final Workload workload;
  private final Precision precision;
  private final List<Supplier<List<float[]>>> calls = new ArrayList<>();
  private final List<List<float[]>> alone = new ArrayList<>();

  CheckedCall(Workload workload, Subject subject) {
    this.workload = workload;
    this.precision = subject.precision();
    for (List<PcmAudio> clips : workload.calls()) {
      calls.add(subject.prepare(clips));
      alone.add(clips.stream().map(clip -> subject.prepare(List.of(clip)).get().get(0)).toList());
    }
  }

  /**
   * @throws WrongResultException from the check, if the result is another than that of the same
   *     clips alone
   */
  @Override
  public Runnable make(long number) {
    int which = (int) (number % calls.size());
    List<float[]> result = calls.get(which).get();
    return () -> compare(result, alone.get(which));
  }

  private void compare(List<float[]> result, List<float[]> expected) {
    if (result.size() != expected.size()) {
      throw new WrongResultException(
          "%s: %d embeddings for %d clips"
              .formatted(workload.name(), result.size(), expected.size()));
    }
    for (int i = 0; i < expected.size(); i++) {
      Accuracy accuracy = Accuracy.of(result.get(i), expected.get(i), precision);
      if (!accuracy.passes()) {
        throw new WrongResultException(
            "%s: clip %d differs from its embedding alone by %.1e, more than %.1e"
                .formatted(workload.name(), i, accuracy.relativeError(), accuracy.bound()));
      }
    }
  }
}
