package io.voiceprint.engine.cuda;

/** A convolution along a packed row in plain Java. */
final class PlainConvolution {
  private PlainConvolution() {}

  /**
   * The sums (outRows, outColumns, outputs), before anything is added to them.
   *
   * @param x (rows, columns, inputs)
   * @param weights (kernelF · kernelT · inputs, outputs)
   */
  static double[] sums(TestRow row, ConvLayer layer, float[] x, float[] weights) {
    int[] owner = row.columnClips(layer.outTimeStride());
    int columns = row.columns(layer.timeStride());
    int inputs = layer.inputs();
    int outputs = layer.outputs();
    int kernelT = layer.kernelT();
    double[] sums = new double[layer.outRows() * owner.length * outputs];
    for (int i = 0; i < sums.length; i++) {
      int o = i % outputs;
      int outT = i / outputs % owner.length;
      int outF = i / outputs / owner.length;
      for (int tap = 0; tap < layer.kernelF() * kernelT; tap++) {
        int f = outF * layer.geometry().strideF() + tap / kernelT - (layer.kernelF() - 1) / 2;
        int t =
            outT * layer.geometry().strideT()
                + layer.geometry().dilationT() * (tap % kernelT - (kernelT - 1) / 2);
        if (layer.mirrors() && owner[outT] != PackedRow.GAP) {
          t = mirrored(row, owner[outT], layer.timeStride(), t);
        }
        if (f >= 0 && f < layer.rows() && t >= 0 && t < columns) {
          for (int c = 0; c < inputs; c++) {
            sums[i] +=
                (double) weights[(tap * inputs + c) * outputs + o]
                    * x[(f * columns + t) * inputs + c];
          }
        }
      }
    }
    return sums;
  }

  /** Column t, mirrored at the first and last column of a clip. */
  private static int mirrored(TestRow row, int clip, int timeStride, int t) {
    int first = row.first(clip, timeStride);
    int last = first + row.count(clip, timeStride) - 1;
    return t < first ? 2 * first - t : t > last ? 2 * last - t : t;
  }
}
