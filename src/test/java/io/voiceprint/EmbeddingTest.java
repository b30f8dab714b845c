package io.voiceprint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.AudioWarning;
import io.voiceprint.audio.AudioWarning.Kind;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddingTest {
  private static final AudioWarning SILENT = new AudioWarning(Kind.SILENCE, "silent");
  private static final AudioWarning SHORT = new AudioWarning(Kind.SHORT_SPEECH, "short");

  private static Embedding random(int size, long seed) {
    Random random = new Random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Embedding.of(values);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 31, 32, 33, 127, 1021})
  void cosineIsThatOfTheAngle(int size) {
    Embedding a = random(size, 1);
    Embedding b = random(size, 2);
    assertEquals(1, a.cosine(a), 1e-12);
    assertEquals(a.cosine(b), b.cosine(a), 0);
    assertEquals(a.cosine(b), a.normalized().cosine(b.normalized()), 1e-6);
    assertEquals(1, a.normalized().norm(), 1e-6);
    assertTrue(Math.abs(a.cosine(b)) <= 1);
  }

  @Test
  void cosineOfKnownVectors() {
    assertEquals(0, Embedding.of(1, 0).cosine(Embedding.of(0, 2)));
    assertEquals(-1, Embedding.of(1, 2).cosine(Embedding.of(-2, -4)), 1e-15);
    assertEquals(0.6, Embedding.of(3, 4).cosine(Embedding.of(5, 0)), 1e-15);
    assertEquals(1, Embedding.of(3e38f, 3e38f).cosine(Embedding.of(1e-38f, 1e-38f)), 1e-12);
  }

  @Test
  void zeroLengthHasNoDirection() {
    Embedding zero = Embedding.of(0, 0);
    assertEquals(0, zero.cosine(Embedding.of(1, 1)));
    assertEquals(0, zero.cosine(zero));
    assertSame(zero, zero.normalized());
    assertEquals(Embedding.of(0, 0.5f), Embedding.mean(List.of(zero, Embedding.of(0, 7))));
  }

  @Test
  void meanWeighsDirectionsAlike() {
    Embedding a = new Embedding(new float[] {4, 0}, 2, List.of(SILENT));
    Embedding b = new Embedding(new float[] {0, 0.5f}, 3, List.of(SILENT, SHORT));
    Embedding mean = Embedding.mean(List.of(a, b));
    assertArrayEquals(new float[] {0.5f, 0.5f}, mean.values());
    assertEquals(5, mean.seconds());
    assertEquals(List.of(SILENT, SHORT), mean.warnings());
    assertThrows(IllegalArgumentException.class, () -> Embedding.mean(List.of()));
    assertThrows(
        IllegalArgumentException.class, () -> Embedding.mean(List.of(a, Embedding.of(1, 2, 3))));
  }

  @Test
  void valuesAreCopiedInAndOut() {
    float[] values = {1, 2};
    Embedding embedding = Embedding.of(values);
    values[0] = 9;
    embedding.values()[1] = 9;
    assertArrayEquals(new float[] {1, 2}, embedding.values());
    assertEquals(2, embedding.size());
  }

  @Test
  void equalMeansEqualValues() {
    Embedding stored = Embedding.of(1, 2);
    Embedding computed = new Embedding(new float[] {1, 2}, 3, List.of(SHORT));
    assertEquals(stored, computed);
    assertEquals(stored.hashCode(), computed.hashCode());
    assertNotEquals(stored, Embedding.of(1, 3));
    assertEquals("Embedding(size=2, norm=2.236, seconds=3.00)", computed.toString());
  }

  @Test
  void refusesWhatIsNoEmbedding() {
    assertThrows(IllegalArgumentException.class, Embedding::of);
    assertEquals(
        "embedding value 1 is NaN",
        assertThrows(IllegalArgumentException.class, () -> Embedding.of(1, Float.NaN))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> Embedding.of(1).cosine(Embedding.of(1, 2)));
  }
}
