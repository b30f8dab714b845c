package io.voiceprint.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.voiceprint.graph.GraphCost;
import io.voiceprint.model.SpeakerModel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SeededNetworkTest {
  /** What PyTorch counts for 3D-Speaker's classes, at 298 frames. */
  @ParameterizedTest
  @CsvSource({
    "eres2net-base,       9887808,  5044741120",
    "eres2netv2,          17859632, 12466759040",
    "res2net,             4033600,  2563712000"
  })
  void isTheSizeOfThePublishedNetwork(String name, long parameters, long macs) {
    SpeakerModel model = SeededNetwork.named(name).build();
    assertEquals(parameters, model.parameters());
    assertEquals(macs, GraphCost.macs(model.graph(), 298));
  }

  /** Child processes are told the network by its name. */
  @ParameterizedTest
  @EnumSource(SeededNetwork.class)
  void isFoundByItsName(SeededNetwork network) {
    assertEquals(network, SeededNetwork.named(network.toString()));
  }
}
