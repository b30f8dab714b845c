/*
 * Stands for a newer major version of cuBLAS, cuFFT and NVRTC in the test of the forwarding libraries: each
 * function answers with what it was given, so that the test sees whether every argument arrived.
 */
#include <dlfcn.h>
#include <stdio.h>

int cublasCreate_v2(void **handle) {
  *handle = (void *)0x13;
  return 0;
}

int cublasGetVersion_v2(void *handle, int *version) {
  *version = handle == (void *)0x13 ? 130100 : -1;
  return 0;
}

const char *cublasGetStatusString(int status) {
  static char text[40];
  snprintf(text, sizeof text, "newer status %d", status);
  return text;
}

/* 19 arguments, 13 of them on the stack. cublasSetWorkspace_v2 is missing on purpose. */
int cublasGemmEx(void *handle, int transa, int transb, int m, int n, int k, const float *alpha, const void *a,
                 int atype, int lda, const void *b, int btype, int ldb, const float *beta, void *c, int ctype,
                 int ldc, int compute, int algo) {
  const int arrived = handle == (void *)0x13 && transa == 1 && transb == 0 && m == 3 && n == 31 && k == 127 &&
                      *alpha == 1.0f && a == (void *)0x1000 && atype == 2 && lda == 128 && b == (void *)0x2000 &&
                      btype == 2 && ldb == 129 && *beta == 0.5f && c == (void *)0x3000 && ctype == 2 && ldc == 33 &&
                      compute == 68 && algo == -1;
  return arrived ? 0 : 7;
}

int cufftGetVersion(int *version) {
  *version = 12001;
  return 0;
}

int nvrtcVersion(int *major, int *minor) {
  *major = 13;
  *minor = 7;
  return 0;
}

int nvrtcGetPTXSize(void *program, size_t *size) {
  (void)program;
  *size = sizeof ".version 9.0";
  return 0;
}

int nvrtcGetPTX(void *program, char *text) {
  (void)program;
  snprintf(text, sizeof ".version 9.0", ".version 9.0");
  return 0;
}

const char *nvrtcGetErrorString(int status) {
  (void)status;
  /* As NVRTC 13 does: by name alone, and not beside itself. */
  return dlopen("libnvrtc-builtins.so.13.7", RTLD_LAZY) != NULL ? "newer error, builtins are there" : dlerror();
}
