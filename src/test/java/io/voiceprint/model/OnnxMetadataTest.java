package io.voiceprint.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.voiceprint.checkpoint.onnx.OnnxProto.ModelProto;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a file, or the caller, says of a network beside its structure. */
class OnnxMetadataTest {
  @TempDir Path folder;

  @Test
  void anotherPoolingThanTheGraphComputesIsRefused() throws Exception {
    Path file = TinyExport.write(folder, TinyExport.onnx());
    assertEquals(Pooling.TSTP, SpeakerModel.load(file, Pooling.TSTP).architecture().pooling());
    var thrown = assertThrows(ModelException.class, () -> SpeakerModel.load(file, Pooling.TAP));
    assertTrue(thrown.getMessage().contains("computes TSTP"), thrown.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "sample_rate, 16000, 8000",
    "normalize_samples, 1, 0",
    "feature_normalize_type, global-mean, ''",
    "feature_normalize_type, global-mean, per_feature",
    "output_dim, 7, 192",
    "framework, 3d-speaker, wespeaker",
    "framework, 3D-Speaker, nemo",
    "m_channels, 4, 32",
    "pooling_func, TSTP, TSDP",
    "feat_dim, 80, 64",
  })
  void metadataIsMetOrRefused(String key, String met, String notMet) throws Exception {
    ModelProto.Builder onnx = TinyExport.onnx();
    onnx.addMetadataPropsBuilder().setKey(key).setValue(met);
    SpeakerModel.load(TinyExport.write(folder, onnx), null);
    onnx.getMetadataPropsBuilder(0).setValue(notMet);
    Path file = TinyExport.write(folder, onnx);
    var thrown = assertThrows(ModelException.class, () -> SpeakerModel.load(file, null));
    assertTrue(thrown.getMessage().contains(key + "=" + notMet), thrown.getMessage());
  }

  @Test
  void theThresholdComesFromTheMetadata() throws Exception {
    ModelProto.Builder onnx = TinyExport.onnx();
    onnx.addMetadataPropsBuilder().setKey("threshold").setValue("0.365");
    assertEquals(
        0.365, SpeakerModel.load(TinyExport.write(folder, onnx), null).threshold().getAsDouble());
  }
}
