/* What Java cannot do by itself: the process environment, which libgomp reads once while it is
 * loaded, and the thread count, which OpenMP keeps per calling thread. Twin: OpenMp.java. */
#include <jni.h>
#include <stdlib.h>

/* Sets an environment variable unless it is set; false if memory ran out. */
JNIEXPORT jboolean JNICALL Java_io_voiceprint_engine_cpu_OpenMp_setDefault(
    JNIEnv *env, jclass type, jstring name, jstring value) {
  (void)type;
  const char *n = (*env)->GetStringUTFChars(env, name, NULL);
  const char *v = (*env)->GetStringUTFChars(env, value, NULL);
  int failed = n == NULL || v == NULL || setenv(n, v, 0) != 0;
  if (v != NULL) {
    (*env)->ReleaseStringUTFChars(env, value, v);
  }
  if (n != NULL) {
    (*env)->ReleaseStringUTFChars(env, name, n);
  }
  return failed ? JNI_FALSE : JNI_TRUE;
}

/* Calls omp_set_num_threads, whose address the caller has looked up, on the calling thread. */
JNIEXPORT void JNICALL Java_io_voiceprint_engine_cpu_OpenMp_setThreads(
    JNIEnv *env, jclass type, jlong omp_set_num_threads, jint threads) {
  (void)env;
  (void)type;
  ((void (*)(int))(size_t)omp_set_num_threads)(threads);
}
