package io.voiceprint.audio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The readers of a class path without the optional decoders. */
class MissingLibraryTest {

  @Test
  void theNamedVersionsAreThoseBuiltAgainst() throws IOException {
    String pom = Files.readString(Path.of("pom.xml"));
    assertTrue(pom.contains("<jcodec.version>0.2.5<"));
    assertTrue(pom.contains("<jorbis.version>0.0.17<"));
  }

  @ParameterizedTest
  @CsvSource({
    "16k.mp3, reading MP3 needs org.jcodec:jcodec:0.2.5 on the class path",
    "16k.ogg, reading Ogg Vorbis needs org.jcraft:jorbis:0.0.17 on the class path"
  })
  void theErrorNamesWhatToAdd(String name, String message) throws Exception {
    URL own = AudioReader.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader alone =
        new URLClassLoader(new URL[] {own}, ClassLoader.getPlatformClassLoader())) {
      Class<?> type = alone.loadClass(AudioReader.class.getName());
      Object reader = type.getConstructor().newInstance();
      var read = type.getMethod("read", InputStream.class, String.class);
      InputStream stream = new ByteArrayInputStream(Fixtures.bytes(name));
      Throwable thrown =
          assertThrows(InvocationTargetException.class, () -> read.invoke(reader, stream, name))
              .getCause();
      assertEquals(AudioException.class.getName(), thrown.getClass().getName());
      assertEquals(name + ": " + message, thrown.getMessage());
    }
  }
}
