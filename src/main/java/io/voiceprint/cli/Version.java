package io.voiceprint.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote beside this class. */
final class Version implements IVersionProvider {

  @Override
  public String[] getVersion() {
    try (InputStream file = Version.class.getResourceAsStream("version.properties")) {
      Properties properties = new Properties();
      properties.load(file);
      return new String[] {"voiceprint " + properties.getProperty("version")};
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
