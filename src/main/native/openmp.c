/* What Java cannot do by itself: the process environment, which libgomp reads once while it is
 * loaded, the thread count, which OpenMP keeps per calling thread, and memory that a loaded library
 * needs no more. Twins: OpenMp.java, OneDnn.java. */
#define _GNU_SOURCE
#include <jni.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* Gives back what the dynamic linker read of a library while it resolved its symbols: the pages of
 * its segments that can neither be written nor run. They are as in the file, so whoever still needs
 * one finds it there. */
static int release_tables(struct dl_phdr_info *library, size_t size, void *name) {
  (void)size;
  const char *file = strrchr(library->dlpi_name, '/');
  if (file == NULL || strcmp(file + 1, (const char *)name) != 0) {
    return 0;
  }
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  for (int i = 0; i < library->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &library->dlpi_phdr[i];
    if (segment->p_type == PT_LOAD && segment->p_flags == PF_R) {
      size_t begin = (library->dlpi_addr + segment->p_vaddr) & ~(page - 1);
      size_t end = library->dlpi_addr + segment->p_vaddr + segment->p_memsz;
      madvise((void *)begin, end - begin, MADV_DONTNEED);
    }
  }
  return 1;
}

/* The same, for the library of that file name; nothing happens if it is not loaded. */
JNIEXPORT void JNICALL Java_io_voiceprint_engine_cpu_OpenMp_releaseTables(
    JNIEnv *env, jclass type, jstring library) {
  (void)type;
  const char *name = (*env)->GetStringUTFChars(env, library, NULL);
  if (name != NULL) {
    dl_iterate_phdr(release_tables, (void *)name);
    (*env)->ReleaseStringUTFChars(env, library, name);
  }
}
