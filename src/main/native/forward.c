/*
 * A forwarding library: it has the SONAME and symbol version of an old major version of a CUDA library
 * and hands every call on to a newer one that is loaded already.
 *
 * JCuda's native parts were linked against cuBLAS 12, NVRTC 12 and cuFFT 10. The functions used here
 * kept their signatures since, only the names of the files changed. Because nothing but the address of
 * a function differs, a forwarder is one jump through a slot: arguments and result stay where the
 * caller and the function expect them, so no signature appears here.
 *
 * Compiled with
 *   FUNCTIONS  the header that lists the functions: FORWARD(name) for those that return a status,
 *              FORWARD_TEXT(name) for those that return a text
 *   NEWER      SONAMEs to look for, best first, a comma-separated list of strings
 *   REFUSAL    the status a function returns if the newer library has no function of that name
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

/* The oldest versions of both, so that a build on a new system runs on older ones too. */
__asm__(".symver dlopen, dlopen@GLIBC_2.2.5");
__asm__(".symver dlsym, dlsym@GLIBC_2.2.5");

static int refuse(void) { return REFUSAL; }
__attribute__((unused)) static const char *refuse_text(void) { return "not in the newer library"; }

#define SLOT(name, initial) \
  void *slot_##name __attribute__((visibility("hidden"))) = initial; \
  __attribute__((naked)) void name(void) { __asm__("jmp *slot_" #name "(%rip)"); }
#define FORWARD(name) SLOT(name, refuse)
#define FORWARD_TEXT(name) SLOT(name, refuse_text)
#include FUNCTIONS
#undef FORWARD
#undef FORWARD_TEXT

static void *newer(void) {
  static const char *const names[] = {NEWER};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    /* Loaded by its full path before this library; here it only has to be found again. */
    void *library = dlopen(names[i], RTLD_LAZY | RTLD_NOLOAD);
    if (library != NULL) {
      return library;
    }
  }
  return NULL;
}

__attribute__((constructor)) static void resolve(void) {
  void *library = newer();
  void *function;
  if (library == NULL) {
    return;
  }
#define FORWARD_TEXT(name) FORWARD(name)
#define FORWARD(name) \
  function = dlsym(library, #name); \
  if (function != NULL) { \
    slot_##name = function; \
  }
#include FUNCTIONS
}
