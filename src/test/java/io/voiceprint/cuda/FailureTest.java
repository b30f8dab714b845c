package io.voiceprint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.voiceprint.cuda.CudaException.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailureTest {
  @ParameterizedTest
  @CsvSource({
    "cuMemAlloc, 2, OUT_OF_MEMORY",
    "cuMemAlloc, 1, OTHER",
    "cuLaunchKernel, 1, LAUNCH_FAILURE",
    "cuLaunchKernel, 701, LAUNCH_FAILURE",
    "cuGraphLaunch, 1, LAUNCH_FAILURE",
    "cuGraphLaunch, 2, OUT_OF_MEMORY",
    "cuStreamSynchronize, 701, LAUNCH_FAILURE",
    "cuLaunchKernel, 700, LOST_CONTEXT",
    "cuStreamSynchronize, 700, LOST_CONTEXT",
    "cuEventQuery, 719, LOST_CONTEXT",
    "cuMemcpyHtoD, 214, LOST_CONTEXT",
    "cuInit, 100, UNAVAILABLE",
    "cuInit, 803, UNAVAILABLE",
    "cuModuleLoadData, 209, OTHER"
  })
  void driverStatusesAreSortedByWhatTheyMean(String call, int status, Kind kind) {
    assertEquals(kind, Failure.driverKind(call, status));
  }

  @ParameterizedTest
  @CsvSource({
    "2, OUT_OF_MEMORY",
    "4002, OUT_OF_MEMORY",
    "4003, OUT_OF_MEMORY",
    "4000, OTHER",
    "8, LAUNCH_FAILURE",
    "5000, LAUNCH_FAILURE",
    "5003, LAUNCH_FAILURE",
    "2000, OTHER",
    "3000, OTHER"
  })
  void cudnnStatusesOfBothNumberingsAreSorted(int status, Kind kind) {
    assertEquals(kind, Failure.cudnnKind(status));
  }
}
