package io.voiceprint.cli;

import io.voiceprint.Device;
import io.voiceprint.audio.AudioException;
import io.voiceprint.audio.AudioReader;
import io.voiceprint.audio.ChannelChoice;
import io.voiceprint.audio.PcmAudio;
import io.voiceprint.diagnosis.Diagnosis;
import io.voiceprint.model.SpeakerModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code voiceprint doctor}: what this machine offers, and whether it computes right. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = "Shows what of CUDA is found here and what is missing, and tests every device.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  Can this machine's GPU be used?",
      "    voiceprint doctor",
      "  The same for programs, and for a model of one's own:",
      "    voiceprint doctor --json",
      "    voiceprint doctor --model eres2net.ckpt",
      "",
      "The self-test embeds a clip on every device that is found, on a GPU in each precision, and",
      "compares with the reference engine (plain Java, fp32), which works everywhere.",
      "",
      "Exit code: 0 a GPU can be used, 1 the clip cannot be read, 2 wrong usage, 3 no GPU can be used,",
      "or the model cannot."
    })
final class DoctorCommand implements Callable<Integer> {
  private static final Duration LONGEST_SAMPLE = Duration.ofMinutes(1);

  private final Terminal terminal;

  @Mixin private Verbosity verbosity;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "Weights to test with. Without it, the demo model.")
  private Path model;

  @Option(
      names = "--sample",
      paramLabel = "AUDIO",
      description = "Clip to test with, at most a minute. Without it, one that is shipped.")
  private Path sample;

  DoctorCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    verbosity.apply(terminal);
    Diagnosis diagnosis = Diagnosis.of(model(), sample());
    terminal.out().print(json ? DoctorJson.of(diagnosis) : DoctorText.of(diagnosis));
    return diagnosis.isUsable(Device.CUDA) ? ExitCode.OK : ExitCode.UNUSABLE;
  }

  private SpeakerModel model() throws IOException {
    return SpeakerModel.load(model == null ? DemoModel.locate(terminal) : model, null);
  }

  private PcmAudio sample() throws IOException {
    Path file = sample == null ? DemoModel.sample() : sample;
    try {
      return new AudioReader(ChannelChoice.FIRST, LONGEST_SAMPLE).read(file).audio();
    } catch (AudioException e) {
      throw CommandFailure.failed(e.getMessage());
    }
  }
}
