/* On which processors threads run, which Java cannot say. Twin: Affinity.java. */
#define _GNU_SOURCE
#include <jni.h>
#include <sched.h>

static cpu_set_t everywhere; /* processors this process may use; none if that is not known */

/* Notes the processors of the calling thread, which nothing has narrowed yet. */
JNIEXPORT void JNICALL Java_io_voiceprint_engine_cpu_Affinity_prepare(JNIEnv *env, jclass type) {
  (void)env;
  (void)type;
  CPU_ZERO(&everywhere);
  if (sched_getaffinity(0, sizeof everywhere, &everywhere) != 0) {
    CPU_ZERO(&everywhere);
  }
}

/* Runs on each thread of a team: the i-th goes to the i-th processor. It may fail and changes nothing then. */
static void settle(void *thread_number) {
  int left = ((int (*)(void))thread_number)();
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (CPU_ISSET(cpu, &everywhere) && left-- == 0) {
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(cpu, &one);
      sched_setaffinity(0, sizeof one, &one);
      return;
    }
  }
}

/* Gives each thread of the calling thread's team a processor of its own, where there are exactly as many.
 * gomp_parallel and thread_number are the addresses of GOMP_parallel and omp_get_thread_num. */
JNIEXPORT jboolean JNICALL Java_io_voiceprint_engine_cpu_Affinity_settle(
    JNIEnv *env, jclass type, jlong gomp_parallel, jlong thread_number, jint threads) {
  (void)env;
  (void)type;
  if (CPU_COUNT(&everywhere) != threads) {
    return JNI_FALSE;
  }
  ((void (*)(void (*)(void *), void *, unsigned, unsigned))(size_t)gomp_parallel)(
      settle, (void *)(size_t)thread_number, (unsigned)threads, 0);
  return JNI_TRUE;
}

/* Lets the calling thread run on all processors again. */
JNIEXPORT void JNICALL Java_io_voiceprint_engine_cpu_Affinity_roam(JNIEnv *env, jclass type) {
  (void)env;
  (void)type;
  if (CPU_COUNT(&everywhere) > 0) {
    sched_setaffinity(0, sizeof everywhere, &everywhere);
  }
}
