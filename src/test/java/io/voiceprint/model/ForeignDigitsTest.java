package io.voiceprint.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.voiceprint.golden.Golden;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where Java writes numbers in other digits, as it does for Persian, tensors keep their names. */
class ForeignDigitsTest {
  private static final Path DEMO = Path.of("weights/demo/eres2net_demo.safetensors");

  private final Locale usual = Locale.getDefault();

  @BeforeEach
  void persian() {
    Locale.setDefault(Locale.forLanguageTag("fa-IR"));
    assertEquals("\u06f1", "%d".formatted(1));
  }

  @AfterEach
  void usual() {
    Locale.setDefault(usual);
  }

  @Test
  void theDemoModelIsRead() throws Exception {
    assertReadAsUsual(DEMO);
  }

  @ParameterizedTest
  @CsvSource({
    "eres2net_micro, model.onnx",
    "eres2netv2_tiny, model.ckpt",
    "ecapa_tdnn_tiny, model.ckpt",
    "ecapa_tdnn_tiny, model.onnx",
    "campplus_tiny, model.ckpt",
    "campplus_tiny, model.onnx"
  })
  void everyNetworkIsRead(String model, String file) throws Exception {
    assertReadAsUsual(Golden.model(model).resolve(file));
  }

  private void assertReadAsUsual(Path file) throws Exception {
    SpeakerModel foreign = SpeakerModel.load(file, null);
    Locale.setDefault(Locale.ROOT);
    SameGraph.assertSameGraph(SpeakerModel.load(file, null).graph(), foreign.graph(), 0);
  }
}
