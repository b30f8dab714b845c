package io.voiceprint.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The program. */
public final class Main {
  private Main() {}

  /** Runs a command line and ends the process with its exit code. */
  public static void main(String[] args) {
    // What is written is read by programs, and messages are English: no digits of other scripts.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    System.exit(run(out, System.err, args));
  }

  /**
   * Runs a command line within this process. Not for several threads at once: the log is the
   * process's.
   *
   * @param out takes results, UTF-8
   * @param err takes messages, UTF-8
   * @return 0 done, 1 some inputs failed, 2 wrong usage, 3 model or device unusable
   */
  public static int run(PrintStream out, PrintStream err, String... args) {
    Terminal terminal = new Terminal(out, err);
    ErrorLine errors = new ErrorLine(terminal);
    try {
      int exitCode = commandLine(terminal, errors).execute(args);
      if (exitCode == ExitCode.OK && terminal.out().checkError()) {
        return errors.report(CommandFailure.failed(Terminal.OUTPUT_LOST));
      }
      return exitCode;
    } catch (OutOfMemoryError e) {
      return errors.report(e);
    } finally {
      terminal.out().flush();
    }
  }

  private static CommandLine commandLine(Terminal terminal, ErrorLine errors) {
    CommandLine line =
        new CommandLine(new VoiceprintCommand())
            .addSubcommand(new EmbedCommand(terminal))
            .addSubcommand(new VerifyCommand(terminal))
            .addSubcommand(new InfoCommand(terminal))
            .addSubcommand(new ConvertCommand(terminal))
            .addSubcommand(new DoctorCommand(terminal))
            .addSubcommand(new TuneCommand(terminal))
            .addSubcommand(
                new CommandLine(new BenchCommand(terminal))
                    .addSubcommand(new BenchReportCommand(terminal)))
            .addSubcommand(ServeCommand.of(terminal))
            .addSubcommand(new LoadCommand(terminal))
            .addSubcommand(new CompletionCommand(terminal))
            .setExpandAtFiles(false)
            .setUsageHelpLongOptionsMaxWidth(28)
            .setUsageHelpWidth(100)
            .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.AUTO))
            .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
            .setParameterExceptionHandler(errors)
            .setExecutionExceptionHandler(errors);
    Choice.register(line);
    Numbers.register(line);
    // It inherited the label of the whole program, which does nothing without a command.
    CommandLine bench = line.getSubcommands().get("bench");
    bench.getCommandSpec().usageMessage().synopsisSubcommandLabel("[COMMAND]");
    return line;
  }
}
