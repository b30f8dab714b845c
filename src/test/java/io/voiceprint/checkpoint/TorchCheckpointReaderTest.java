package io.voiceprint.checkpoint;

import static io.voiceprint.checkpoint.TinyCheckpoint.latin1;
import static io.voiceprint.checkpoint.TinyCheckpoint.tensor;
import static io.voiceprint.checkpoint.TinyCheckpoint.unicode;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchCheckpointReaderTest {
  private static final String FLOATS = tensor("FloatStorage", "0", 6, "K\6\u0085", "K\1\u0085");

  @TempDir Path directory;

  @Test
  void namesTypesAndShapes() throws Exception {
    StateDict state = StateDict.open(write(TinyCheckpoint.zip(TinyCheckpoint.pickle())));
    assertEquals(List.of("w", "n.num_batches_tracked"), List.copyOf(state.names()));
    assertArrayEquals(new int[] {2, 3}, state.tensor("w").shape());
    assertArrayEquals(new float[6], state.tensor("w").readFloats());
    assertEquals(DType.INT64, state.tensor("n.num_batches_tracked").dtype());
  }

  @ParameterizedTest
  @ValueSource(strings = {"module.w", "embedding_model.w", "module.embedding_model.w", "w"})
  void prefixesOfWrappingModulesAreRemoved(String key) throws Exception {
    StateDict state = open("}" + unicode(key) + FLOATS + "s.");
    assertEquals(List.of("w"), List.copyOf(state.names()));
    assertEquals("w", state.tensor("w").name());
  }

  @Test
  void prefixesMayNotMakeTwoKeysOne() {
    refused("}(" + unicode("w") + FLOATS + unicode("module.w") + FLOATS + "u.", "appears twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"state_dict", "model_state_dict", "model", "embedding_model"})
  void wrappersAreOpened(String wrapper) throws Exception {
    StateDict state =
        open(
            "}("
                + unicode("epoch")
                + "K\3"
                + unicode(wrapper)
                + "}"
                + unicode("w")
                + FLOATS
                + "su.");
    assertEquals(List.of("w"), List.copyOf(state.names()));
  }

  @Test
  void severalDictsOfWeightsAreAmbiguous() {
    refused("}(" + unicode("model") + "}" + unicode("state_dict") + "}u.", "[state_dict, model]");
  }

  @Test
  void aDictThatHoldsItselfEnds() {
    refused("}q\0" + unicode("model") + "h\0s.", "nested deeper");
  }

  @Test
  void everyGlobalThatIsNotListedIsRefusedByName() {
    refused("cbuiltins\ngetattr\n.", "builtins.getattr");
    refused("cnumpy.core.multiarray\nscalar\n.", "numpy.core.multiarray.scalar");
    refused("ctorch\nload\n.", "torch.load");
    refused("\u008c\2os\u008c\6system\u0093\u008c\2ls\u0085R.", "os.system");
  }

  @Test
  void whatIsNoTensorIsNamed() {
    refused("}" + unicode("lr") + "G\0\0\0\0\0\0\0\0s.", "lr: is not a tensor");
    refused("}K\1" + FLOATS + "s.", "key 1 is not a string");
    refused("}]" + FLOATS + "s.", "neither a string nor a number");
    refused(
        "}" + unicode("c") + tensor("ComplexFloatStorage", "0", 3, ")", ")") + "s.",
        "torch.ComplexFloatStorage");
  }

  @Test
  void expandedTensorsCannotStandForMoreThanTheirStorage() {
    String size = "M\u00ff\u00ffM\u00ff\u007f\u0086";
    refused(
        "}" + unicode("w") + tensor("FloatStorage", "0", 6, size, "K\0K\0\u0086") + "s.",
        "holds only 6");
  }

  @Test
  void containerOptionsThatAreNotReadAreNamed() throws Exception {
    byte[] pickle = TinyCheckpoint.pickle();
    assertRefused(TinyCheckpoint.zip(pickle, "big", ZipEntry.STORED), "byte order is 'big'");
    assertRefused(TinyCheckpoint.zip(pickle, "little", ZipEntry.DEFLATED), "is compressed");
  }

  private StateDict open(String pickle) throws IOException {
    return StateDict.open(write(TinyCheckpoint.zip(latin1(pickle))));
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(directory.resolve("tiny.ckpt"), bytes);
  }

  private void refused(String pickle, String reason) {
    CheckpointException e = assertThrows(CheckpointException.class, () -> open(pickle));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  private void assertRefused(byte[] zip, String reason) throws IOException {
    Path file = write(zip);
    CheckpointException e = assertThrows(CheckpointException.class, () -> StateDict.open(file));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }
}
