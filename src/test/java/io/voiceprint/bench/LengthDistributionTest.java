package io.voiceprint.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.audio.SampleArray;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LengthDistributionTest {
  @ParameterizedTest
  @CsvSource({"1, 10", "0.5, 60", "3, 3"})
  void isLogNormalWithinItsRange(double shortest, double longest) {
    LengthDistribution lengths = new LengthDistribution(shortest, longest);
    SplittableRandom random = new SplittableRandom(5);
    double[] drawn =
        DoubleStream.generate(() -> lengths.next(random)).limit(20_000).sorted().toArray();
    assertTrue(drawn[0] >= shortest && drawn[drawn.length - 1] <= longest);
    double median = Math.sqrt(shortest * longest);
    assertEquals(median, drawn[10_000], 0.03 * median);
    // Of a normal distribution 15.9 % lie more than one sigma below its middle.
    double sigma = Math.log(longest / shortest) / 4;
    assertEquals(median * Math.exp(-sigma), drawn[3173], 0.03 * median);
    // And 2.3 % more than two, which is where it is clipped.
    double clipped = DoubleStream.of(drawn).filter(length -> length == longest).count();
    assertEquals(shortest == longest ? 1 : 0.0228, clipped / drawn.length, 0.005);
  }

  @ParameterizedTest
  @CsvSource({"0, 10", "-1, 1", "2, 1", "1, 4000", "NaN, 1"})
  void refusesARangeThatIsNone(double shortest, double longest) {
    assertThrows(IllegalArgumentException.class, () -> new LengthDistribution(shortest, longest));
  }

  @Test
  void clipsAreTheSameEachTime() {
    LengthDistribution lengths = new LengthDistribution(1, 2);
    var first = Clips.mixed(8, lengths, 16000);
    var second = Clips.mixed(8, lengths, 16000);
    for (int i = 0; i < first.size(); i++) {
      assertEquals(0, Arrays.compare(first.get(i).samples(), second.get(i).samples()));
    }
    assertTrue(first.stream().map(clip -> clip.samples().length).distinct().count() > 4);
    var one = Clips.of(1, 0.5, 16000).get(0);
    var two = Clips.of(2, 0.5, 16000);
    assertEquals(0, Arrays.compare(one.samples(), two.get(0).samples()));
    assertTrue(Arrays.compare(one.samples(), two.get(1).samples()) != 0);
    // As a WAV file's, and neither silent nor clipped.
    short[] integers = assertInstanceOf(SampleArray.Int16.class, one.array()).values();
    int loudest = 0;
    for (short value : integers) {
      loudest = Math.max(loudest, Math.abs(value));
    }
    assertTrue(loudest > 6000 && loudest < 7300, "loudest " + loudest);
  }
}
