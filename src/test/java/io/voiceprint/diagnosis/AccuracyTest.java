package io.voiceprint.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.Embedding;
import io.voiceprint.engine.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AccuracyTest {
  private static final Embedding REFERENCE = Embedding.of(3, 4);

  @Test
  void isTheRelativeDistance() {
    Accuracy accuracy = Accuracy.of(Embedding.of(3, 4.5f), REFERENCE, Precision.FP32);
    assertEquals(0.1, accuracy.relativeError(), 1e-12);
    assertFalse(accuracy.passes());
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void theSameNumbersPassAndOthersDoNot(Precision precision) {
    assertTrue(Accuracy.of(REFERENCE, REFERENCE, precision).passes());
    assertFalse(Accuracy.of(Embedding.of(4, 3), REFERENCE, Precision.FP32).passes());
    assertFalse(Accuracy.of(Embedding.of(-4, 3), REFERENCE, precision).passes());
    assertFalse(Accuracy.of(Embedding.of(0, 0), REFERENCE, precision).passes());
    assertFalse(new Accuracy(Double.NaN, 1).passes());
  }

  @Test
  void sizesMustAgree() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Accuracy.of(Embedding.of(1), REFERENCE, Precision.FP32));
  }
}
