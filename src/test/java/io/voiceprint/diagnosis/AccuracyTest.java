package io.voiceprint.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.Embedding;
import org.junit.jupiter.api.Test;

class AccuracyTest {
  private static final Embedding REFERENCE = Embedding.of(3, 4);

  @Test
  void isTheRelativeDistance() {
    Accuracy accuracy = Accuracy.of(Embedding.of(3, 4.5f), REFERENCE, REFERENCE);
    assertEquals(0.1, accuracy.relativeError(), 1e-12);
    assertFalse(accuracy.passes());
  }

  @Test
  void twiceTheErrorOfRoundingAlonePasses() {
    Embedding rounded = Embedding.of(3, 4.05f);
    assertEquals(0.0202, Accuracy.of(REFERENCE, REFERENCE, rounded).bound(), 1e-6);
    assertTrue(Accuracy.of(Embedding.of(3, 3.9f), REFERENCE, rounded).passes());
    assertFalse(Accuracy.of(Embedding.of(3, 3.89f), REFERENCE, rounded).passes());
  }

  @Test
  void theSameNumbersPassAndOthersDoNot() {
    assertTrue(Accuracy.of(REFERENCE, REFERENCE, REFERENCE).passes());
    assertFalse(Accuracy.of(Embedding.of(3, 4.01f), REFERENCE, REFERENCE).passes());
    assertFalse(Accuracy.of(Embedding.of(-4, 3), REFERENCE, Embedding.of(3, 4.1f)).passes());
    assertFalse(Accuracy.of(Embedding.of(0, 0), REFERENCE, Embedding.of(3, 4.1f)).passes());
    assertFalse(new Accuracy(Double.NaN, 1).passes());
  }

  @Test
  void differentSizesAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> Accuracy.of(Embedding.of(1), REFERENCE, REFERENCE));
    assertThrows(
        IllegalArgumentException.class, () -> Accuracy.of(REFERENCE, REFERENCE, Embedding.of(1)));
  }
}
