package io.voiceprint.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.voiceprint.graph.GraphCost;
import io.voiceprint.model.SpeakerModel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeededNetworkTest {
  /** What PyTorch counts for 3D-Speaker's classes, at 298 frames. */
  @ParameterizedTest
  @CsvSource({
    "eres2net-base,       9887808,  5044741120",
    "eres2netv2,          17859632, 12466759040",
    "res2net,             4033600,  2563712000"
  })
  void isTheSizeOfThePublishedNetwork(String name, long parameters, long macs) {
    SeededNetwork network = null;
    for (SeededNetwork each : SeededNetwork.values()) {
      network = each.toString().equals(name) ? each : network;
    }
    SpeakerModel model = network.build();
    assertEquals(parameters, model.parameters());
    assertEquals(macs, GraphCost.macs(model.graph(), 298));
  }
}
