/*
 * Backs a piece of a reserved address range with device memory, for DeviceArena.
 *
 * JCuda 12.6 cannot: its cuMemCreate writes eight bytes behind the object it fills (it treats the
 * handle as a Pointer, which has one field more) and so damages the Java heap, its cuMemSetAccess
 * reads the location's fields from the access descriptor instead, and its
 * cuMemGetAllocationGranularity leaves the allocation flags as they happen to lie on the stack.
 *
 * No CUDA or JNI header is needed: the few types are written out here, and the driver that is loaded
 * already is asked for its functions. Nothing of the Java environment is touched.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

/* The oldest versions of both, so that a build on a new system runs on older ones too. */
__asm__(".symver dlopen, dlopen@GLIBC_2.2.5");
__asm__(".symver dlsym, dlsym@GLIBC_2.2.5");

enum { DEVICE = 1, PINNED = 1, READ_WRITE = 3, RECOMMENDED = 1, NOT_INITIALIZED = 3 };

struct location {
  int type, id;
};
struct allocation {
  int type, handle_types;
  struct location location;
  void *win32;
  unsigned char flags[8];
};
struct access {
  struct location location;
  int flags;
};

typedef int granularity_function(size_t *bytes, const struct allocation *, int option);
typedef int create_function(uint64_t *memory, size_t bytes, const struct allocation *, unsigned long long flags);
typedef int map_function(uint64_t address, size_t bytes, size_t offset, uint64_t memory, unsigned long long flags);
typedef int access_function(uint64_t address, size_t bytes, const struct access *, size_t count);
typedef int unmap_function(uint64_t address, size_t bytes);
typedef int release_function(uint64_t memory);

/* The call that failed in the upper half (as in MappedMemory.CALLS), what it returned in the lower. */
static int64_t outcome(int64_t call, int status) { return status == 0 ? 0 : (call << 32) | status; }

/* The granularity, or the status of what failed, negated. */
__attribute__((visibility("default"))) int64_t Java_io_voiceprint_cuda_MappedMemory_granularity(
    void *environment, void *class, int device) {
  (void)environment, (void)class;
  void *driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
  granularity_function *ask =
      driver == NULL ? NULL : (granularity_function *)dlsym(driver, "cuMemGetAllocationGranularity");
  const struct allocation properties = {PINNED, 0, {DEVICE, device}, NULL, {0}};
  size_t bytes = 0;
  const int status = ask == NULL ? NOT_INITIALIZED : ask(&bytes, &properties, RECOMMENDED);
  return status == 0 ? (int64_t)bytes : -status;
}

__attribute__((visibility("default"))) int64_t Java_io_voiceprint_cuda_MappedMemory_map(
    void *environment, void *class, int64_t address, int64_t bytes, int device) {
  (void)environment, (void)class;
  void *driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
  if (driver == NULL) {
    return outcome(0, NOT_INITIALIZED);
  }
  create_function *create = (create_function *)dlsym(driver, "cuMemCreate");
  map_function *map = (map_function *)dlsym(driver, "cuMemMap");
  access_function *set_access = (access_function *)dlsym(driver, "cuMemSetAccess");
  unmap_function *unmap = (unmap_function *)dlsym(driver, "cuMemUnmap");
  release_function *release = (release_function *)dlsym(driver, "cuMemRelease");
  if (create == NULL || map == NULL || set_access == NULL || unmap == NULL || release == NULL) {
    return outcome(0, NOT_INITIALIZED);
  }

  const struct location here = {DEVICE, device};
  const struct allocation properties = {PINNED, 0, here, NULL, {0}};
  const struct access access = {here, READ_WRITE};
  uint64_t memory;
  int status = create(&memory, (size_t)bytes, &properties, 0);
  if (status != 0) {
    return outcome(0, status);
  }
  status = map((uint64_t)address, (size_t)bytes, 0, memory, 0);
  /* The mapping keeps the memory alive; the handle is not needed any longer, mapped or not. */
  const int released = release(memory);
  if (status != 0) {
    return outcome(1, status);
  }
  status = set_access((uint64_t)address, (size_t)bytes, &access, 1);
  if (status != 0 || released != 0) {
    unmap((uint64_t)address, (size_t)bytes);
  }
  return status != 0 ? outcome(2, status) : outcome(3, released);
}
