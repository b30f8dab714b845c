package io.voiceprint.engine.cuda;

import io.voiceprint.cuda.MathMode;
import io.voiceprint.graph.Shape.FeatureMap;
import io.voiceprint.graph.Value;
import io.voiceprint.number.Float16;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Brings a feature map from the layout of the device into (C, F, T). */
final class ValueReader {
  private ValueReader() {}

  /**
   * Reads the value of the first clip of a row.
   *
   * @param bytes the whole buffer that the value lies in
   * @param frames of the clip
   */
  static float[] read(
      ByteBuffer bytes,
      ValueStorage storage,
      MathMode mode,
      Value value,
      FeatureMap map,
      RowPlan row,
      int frames) {
    ByteBuffer source = bytes.order(ByteOrder.nativeOrder());
    int time = map.time(frames);
    int columns = row.columns(map.timeStride());
    float[] out = new float[Math.toIntExact(map.elements(frames))];
    int at = 0;
    for (int c = 0; c < map.channels(); c++) {
      int channel = storage.home(value).channel() + storage.layout(value).at(c);
      int width = storage.bufferOf(value).width();
      for (int f = 0; f < map.frequency(); f++) {
        for (int t = 0; t < time; t++) {
          if (value.id() == 0) {
            out[at++] = source.getFloat(Float.BYTES * (t * map.frequency() + f));
          } else {
            int element = (f * columns + t) * width + channel;
            out[at++] =
                mode == MathMode.FP16
                    ? Float16.toFloat(source.getShort(Short.BYTES * element))
                    : source.getFloat(Float.BYTES * element);
          }
        }
      }
    }
    return out;
  }
}
