package io.voiceprint.model;

import io.voiceprint.model.Res2NetArchitecture.Family;
import java.util.List;
import java.util.Random;

/** Small networks of random family, width, depth, pooling and head, with seeded weights. */
public final class RandomModels {
  private RandomModels() {}

  /** The next network of a seeded sequence. */
  public static SpeakerModel next(Random random) {
    int[] baseWidths = {24, 26, 32, 40};
    Res2NetArchitecture architecture =
        new Res2NetArchitecture(
            Family.values()[random.nextInt(3)],
            80,
            4 + random.nextInt(6),
            List.of(1 + random.nextInt(2), 1 + random.nextInt(2), 1 + random.nextInt(2), 1),
            baseWidths[random.nextInt(baseWidths.length)],
            2 + random.nextInt(3),
            random.nextBoolean() ? 2 : 4,
            Pooling.values()[random.nextInt(4)],
            5 + random.nextInt(40),
            random.nextBoolean());
    return SpeakerModel.seeded(architecture, random.nextLong());
  }

  /** What {@link #next} and golden models of its family are. */
  public static Res2NetArchitecture res2net(SpeakerModel model) {
    return (Res2NetArchitecture) model.architecture();
  }
}
