package io.voiceprint;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dependencies point one way; see ARCHITECTURE.md. */
class DependencyTest {
  private static final String ROOT = "io.voiceprint";

  private static JavaClasses classes;

  @BeforeAll
  static void read() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);
    assertTrue(classes.contain(SpeakerEncoder.class), "the product's classes were not found");
  }

  /** Packages below the root, {@code ROOT} being the public API itself. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          .number      |
          .graph       |
          .frontend    |
          .audio..     |
          .checkpoint..| .number
          .cuda..      | .engine
          .model..     | .graph .frontend .checkpoint..
          .engine      | .graph .frontend .audio..
          .engine.*..  | .number .graph .frontend .engine .audio.. .cuda..
          .metrics     |
          .batch       | .engine .audio.. .frontend .metrics
          ROOT         | .graph .frontend .checkpoint.. .audio.. .model.. .engine.. .batch .metrics
          .diagnosis   | ROOT .audio.. .model.. .engine .engine.cuda .cuda
          .cli..       | ROOT .graph .frontend .checkpoint.. .audio.. .model.. .engine .score.. .bench.. .server.. .diagnosis .load
          .bench..     | ROOT .graph .frontend .checkpoint.. .audio.. .model.. .engine .score.. .diagnosis
          .server..    | ROOT .audio.. .model.. .engine .metrics
          .score..     | ROOT
          .load        | ROOT .audio.. .bench
          """)
  void packagesSeeOnlyWhatIsBelowThem(String from, String below) {
    String[] allowed =
        Stream.concat(
                Stream.of(from), below == null ? Stream.empty() : Arrays.stream(below.split(" ")))
            .map(name -> name.equals("ROOT") ? ROOT : ROOT + name)
            .toArray(String[]::new);
    noClasses()
        .that(resideInAPackage(allowed[0]))
        .should()
        .dependOnClassesThat(resideInAPackage(ROOT + "..").and(resideOutsideOfPackages(allowed)))
        .allowEmptyShould(true)
        .check(classes);
  }

  @Test
  void noCycles() {
    slices().matching("io.voiceprint.(**)").should().beFreeOfCycles().check(classes);
  }

  @Test
  void oneDoorToTheGpu() {
    noClasses()
        .that(resideOutsideOfPackages(ROOT + ".cuda.."))
        .should()
        .dependOnClassesThat(resideInAPackage("jcuda.."))
        .check(classes);
  }

  @Test
  void oneDoorToOneDnn() {
    noClasses()
        .that(resideOutsideOfPackages(ROOT + ".engine.cpu"))
        .should()
        .dependOnClassesThat(resideInAPackage("org.bytedeco.."))
        .check(classes);
  }

  @Test
  void nothingNeedsTheDesktopModule() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.awt..", "javax.swing..", "javax.sound..", "javax.imageio..")
        .check(classes);
  }
}
