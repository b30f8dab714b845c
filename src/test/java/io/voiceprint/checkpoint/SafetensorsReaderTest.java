package io.voiceprint.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsReaderTest {
  private static final String FLOATS = "{'dtype':'F32','shape':[2],'data_offsets':[0,8]}";

  @TempDir Path directory;

  @Test
  void tensorsMayLieInAnyOrder() throws Exception {
    StateDict state =
        open(
            "{'b':{'dtype':'BF16','shape':[1,1],'data_offsets':[8,10]},'module.a':"
                + FLOATS
                + ",'e':{'shape':[0,3],'dtype':'F64','data_offsets':[10,10]}}",
            new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0, 0x40, 0x40});
    assertEquals(List.of("b", "a", "e"), List.copyOf(state.names()));
    assertArrayEquals(new float[] {1, -2}, state.tensor("a").readFloats());
    assertArrayEquals(new float[] {3}, state.tensor("b").readFloats());
    assertEquals(0, state.tensor("e").readFloats().length);
  }

  @Test
  void headersThatContradictThemselvesAreRefused() {
    refused("{'a':" + FLOATS + ",'a':" + FLOATS + "}", 8, "Duplicate field");
    refused("{'a':" + FLOATS + ",'module.a':" + FLOATS + "}", 8, "data_offsets");
    refused("{'a':" + FLOATS + "}", 9, "take 8 bytes");
    refused("{'a':" + FLOATS + "}", 7, "data_offsets [0, 8]");
    refused("{'a':" + FLOATS.replace("[0,8]", "[1,9]") + "}", 9, "8 bytes from 0");
    refused("{'a':" + FLOATS.replace("[2]", "[4294967296,4294967296]") + "}", 8, "dimension 0");
    refused("{'a':" + FLOATS.replace("[2]", "[-2]") + "}", 8, "dimension 0");
    refused("{'a':" + FLOATS.replace("[2]", "[1,1,1,1,1,1,1,1,2]") + "}", 8, "more than 8");
    refused("{'a':" + FLOATS.replace("[2]", "[2.0]") + "}", 8, "a.shape: expected VALUE_NUMBER");
    refused("{'a':" + FLOATS.replace("F32", "F8_E4M3") + "}", 8, "dtype F8_E4M3");
    refused("{'a':{'dtype':'F32','shape':[2]}}", 8, "two data_offsets");
    refused("{'a':[[[[[[]]]]]]}", 0, "a: expected START_OBJECT");
    refused("{'__metadata__':{'a':1}}", 0, "__metadata__.a");
    refused("{}", 0, "no tensors");
    refused("{}{}", 0, "goes on after");
    refused("{'a':", 0, "not valid JSON");
  }

  private void refused(String header, int dataBytes, String reason) {
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> open(header, new byte[dataBytes]), header);
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }

  private StateDict open(String header, byte[] data) throws IOException {
    byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < Long.BYTES; i++) {
      bytes.write((int) ((long) json.length >>> (8 * i)));
    }
    bytes.writeBytes(json);
    bytes.writeBytes(data);
    return StateDict.open(Files.write(directory.resolve("a.safetensors"), bytes.toByteArray()));
  }
}
