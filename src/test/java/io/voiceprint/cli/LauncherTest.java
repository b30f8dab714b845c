package io.voiceprint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher, with programs in place of Java and Maven that tell what they were asked to do. */
final class LauncherTest {
  @TempDir private Path folder;
  private Path home;
  private Path tools;
  private Path java;

  @BeforeEach
  void install() throws IOException {
    folder = folder.toRealPath();
    home = Files.createDirectory(folder.resolve("the home"));
    Files.copy(Path.of("voiceprint"), home.resolve("voiceprint"));
    executable(home.resolve("voiceprint"));
    java = Files.createDirectories(folder.resolve("java"));
    program(java.resolve("bin/java"), "for each in \"$@\"; do echo \"[$each]\"; done; exit 7");
    release("21.0.1");
    tools = Files.createDirectory(folder.resolve("tools"));
    for (String tool : List.of("sh", "dirname", "readlink", "sed", "flock", "mkdir", "touch")) {
      for (String place : System.getenv("PATH").split(":", -1)) {
        Path found = Path.of(place, tool);
        if (Files.isExecutable(found) && !Files.exists(tools.resolve(tool))) {
          Files.createSymbolicLink(tools.resolve(tool), found);
        }
      }
    }
  }

  private void release(String version) throws IOException {
    Files.writeString(
        java.resolve("release"), "IMPLEMENTOR=\"X\"\nJAVA_VERSION=\"" + version + "\"\n");
  }

  private Path jar() throws IOException {
    Path target = Files.createDirectories(home.resolve("target"));
    return Files.createFile(target.resolve("voiceprint-9.9-cli.jar"));
  }

  private static void program(Path file, String script) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    executable(file);
  }

  private static void executable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Runs it from another folder. */
  private CliRun run(Path launcher, Map<String, String> environment) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(launcher.toString(), "embed", "a file.wav", "*", "")
            .directory(tools.toFile())
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().clear();
    builder.environment().put("PATH", tools.toString());
    builder.environment().putAll(environment);
    int exitCode = builder.start().waitFor();
    return new CliRun(
        exitCode, Files.readString(folder.resolve("out")), Files.readString(folder.resolve("err")));
  }

  @Test
  void startsJavaFromAnywhereThroughLinks() throws Exception {
    Path jar = jar();
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("the home", "voiceprint"));
    Path second = Files.createSymbolicLink(tools.resolve("vp"), link);
    CliRun run =
        run(second, Map.of("JAVA_HOME", java.toString(), "VOICEPRINT_JAVA_OPTS", "-Xmx1g -ea"));
    assertEquals(7, run.exitCode(), run.err());
    assertEquals("", run.err());
    List<String> arguments = run.outLines();
    assertTrue(arguments.contains("[-Xmx1g]") && arguments.contains("[-ea]"), run.out());
    assertTrue(arguments.contains("[-Dvoiceprint.home=" + home + "]"), run.out());
    assertEquals(
        List.of("[-jar]", "[" + jar + "]", "[embed]", "[a file.wav]", "[*]", "[]"),
        arguments.subList(arguments.indexOf("[-jar]"), arguments.size()));
  }

  /** Java refuses to start with two. */
  @Test
  void aCollectorThatTheUserChoseIsTheOnlyOne() throws Exception {
    jar();
    for (String options : List.of("", "-Xmx1g", "-Xmx1g -XX:+UseParallelGC -ea", "-XX:+UseZGC")) {
      CliRun run =
          run(
              home.resolve("voiceprint"),
              Map.of("JAVA_HOME", java.toString(), "VOICEPRINT_JAVA_OPTS", options));
      assertEquals(7, run.exitCode(), run.err());
      assertEquals(
          1, run.outLines().stream().filter(each -> each.endsWith("GC]")).count(), run.out());
      assertEquals(!options.contains("GC"), run.out().contains("[-XX:+UseSerialGC]"), run.out());
    }
  }

  @Test
  void findsJavaOnThePath() throws Exception {
    jar();
    Files.createSymbolicLink(tools.resolve("java"), java.resolve("bin/java"));
    assertEquals(7, run(home.resolve("voiceprint"), Map.of()).exitCode());
  }

  @Test
  void saysWhichJavaIsMissingOrTooOld() throws Exception {
    jar();
    Path launcher = home.resolve("voiceprint");
    CliRun none = run(launcher, Map.of());
    assertEquals(3, none.exitCode());
    assertTrue(none.err().startsWith("voiceprint: no java found"), none.err());
    CliRun wrong = run(launcher, Map.of("JAVA_HOME", "/nowhere"));
    assertEquals(3, wrong.exitCode());
    assertTrue(wrong.err().startsWith("voiceprint: JAVA_HOME=/nowhere has no "), wrong.err());
    for (String version : List.of("11.0.2", "1.8.0_402", "")) {
      release(version);
      CliRun old = run(launcher, Map.of("JAVA_HOME", java.toString()));
      assertEquals(3, old.exitCode(), version);
      assertEquals(1, old.errLines().size(), old.err());
      assertTrue(old.err().contains("17 or newer"), old.err());
    }
    release("17");
    assertEquals(7, run(launcher, Map.of("JAVA_HOME", java.toString())).exitCode());
  }

  @Test
  void buildsOnFirstUseOnly() throws Exception {
    Path launcher = home.resolve("voiceprint");
    Map<String, String> environment = Map.of("JAVA_HOME", java.toString());
    CliRun noMaven = run(launcher, environment);
    assertEquals(3, noMaven.exitCode());
    assertTrue(noMaven.err().contains("mvn is missing"), noMaven.err());

    program(tools.resolve("mvn"), "echo broken; exit 1");
    CliRun broken = run(launcher, environment);
    assertEquals(3, broken.exitCode());
    assertEquals("", broken.out());
    assertTrue(broken.err().contains("the build failed"), broken.err());

    program(
        tools.resolve("mvn"),
        "echo noise; mkdir -p target; touch target/voiceprint-1.0-cli.jar; echo \"$@\" >> target/calls");
    for (int i = 0; i < 2; i++) {
      CliRun run = run(launcher, environment);
      assertEquals(7, run.exitCode(), run.err());
      assertEquals(i == 0, run.err().contains("voiceprint: first use, building"), run.err());
      assertTrue(run.out().startsWith("[") && !run.out().contains("noise"), run.out());
      assertTrue(run.out().contains("target/voiceprint-1.0-cli.jar]"), run.out());
    }
    assertEquals(
        List.of("-q -B -ntp -DskipTests -Dmaven.test.skip=true package"),
        Files.readAllLines(home.resolve("target/calls")));
  }
}
