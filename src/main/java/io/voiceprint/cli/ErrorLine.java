package io.voiceprint.cli;

import io.voiceprint.UnusableDeviceException;
import io.voiceprint.UnusableModelException;
import io.voiceprint.VoiceprintException;
import io.voiceprint.checkpoint.CheckpointException;
import io.voiceprint.engine.EngineException;
import io.voiceprint.model.ModelException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one line and an exit code. */
final class ErrorLine implements IParameterExceptionHandler, IExecutionExceptionHandler {
  private final Terminal terminal;

  ErrorLine(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    String message = e.getMessage().replaceFirst("^Error: ", ""); // of exclusive options
    if (e instanceof UnmatchedArgumentException unmatched) {
      if (e.getCommandLine().getParent() == null && !unmatched.isUnknownOption()) {
        message = "unknown command '%s'".formatted(unmatched.getUnmatched().get(0));
      }
      if (!unmatched.getSuggestions().isEmpty()) {
        message += "; did you mean %s?".formatted(String.join(" or ", unmatched.getSuggestions()));
      }
    }
    terminal.error(
        "%s (see %s --help)"
            .formatted(message, e.getCommandLine().getCommandSpec().qualifiedName()));
    return ExitCode.USAGE;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    return report(e);
  }

  /** Reports an error that ends the run; returns its exit code. */
  int report(Throwable e) {
    terminal.error(text(e));
    terminal.trace(e);
    return exitCode(e);
  }

  private static int exitCode(Throwable e) {
    if (e instanceof CommandFailure failure) {
      return failure.exitCode();
    }
    if (e instanceof UnusableModelException
        || e instanceof UnusableDeviceException
        || e instanceof ModelException
        || e instanceof CheckpointException
        || e instanceof EngineException
        || e instanceof OutOfMemoryError) {
      return ExitCode.UNUSABLE;
    }
    return ExitCode.FAILED;
  }

  /** What to tell people, one line. */
  static String text(Throwable e) {
    if (e instanceof OutOfMemoryError) {
      return "out of memory: Java may use %d MB; give it more with VOICEPRINT_JAVA_OPTS=-Xmx8g, or lower --batch"
          .formatted(Runtime.getRuntime().maxMemory() >> 20);
    }
    if (e instanceof NoSuchFileException missing) {
      return missing.getFile() + ": no such file";
    }
    if (e instanceof FileAlreadyExistsException exists) {
      return exists.getFile() + ": is there already, and is no folder";
    }
    if (e instanceof AccessDeniedException denied) {
      return denied.getFile() + ": permission denied";
    }
    boolean expected =
        e instanceof CommandFailure
            || e instanceof VoiceprintException
            || e instanceof ModelException
            || e instanceof EngineException
            || e instanceof FileSystemException
            || (e instanceof IOException && e.getMessage() != null);
    return expected
        ? Terminal.oneLine(String.valueOf(e.getMessage()))
        : "this should not happen: %s (run again with -vv for where)"
            .formatted(Terminal.oneLine(e.toString()));
  }
}
