// Self-test of the software device: right programs give right results, and each kind of wrong program is caught.
//   selftest KERNELS.so          everything
//   selftest KERNELS.so NAME     one test
//
// Built with AddressSanitizer, wrong accesses end the process with a report instead of an error; so what must fail runs in a
// child process, and the exit status says which it was.
#include <sys/wait.h>
#include <unistd.h>

#include "selftest.h"

const char* kernel_file;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool SANITIZED = true;
#else
constexpr bool SANITIZED = false;
#endif
constexpr int SANITIZER_EXIT = 23;
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options() { return "exitcode=23:detect_leaks=0"; }
extern "C" __attribute__((visibility("default"))) const char* __ubsan_default_options() { return "exitcode=23"; }

void fails_with(CUresult code, const std::function<void()>& body) {
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
  const bool by_sanitizer = SANITIZED && (code == CUDA_ERROR_ILLEGAL_ADDRESS || code == CUDA_ERROR_MISALIGNED_ADDRESS);
  CHECK(WEXITSTATUS(status) == (by_sanitizer ? SANITIZER_EXIT : 0));
}

int main(int, char** argv) {
  kernel_file = argv[1];
  int ran = 0;
  for (const Tests& tests : {KERNEL_TESTS, MEMORY_TESTS, STREAM_TESTS, CALL_TESTS}) {
    for (const auto& [name, test] : tests) {
      if (argv[2] != nullptr && name != argv[2]) continue;
      test();
      ran++;
      printf("passed %s\n", name.c_str());
      fflush(stdout);
    }
  }
  printf("%d tests passed\n", ran);
  return ran > 0 ? 0 : 1;
}
