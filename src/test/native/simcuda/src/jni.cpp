// The same controls as in control.cpp, for the Java class io.voiceprint.simcuda.SimCuda. The JVM looks for them in any
// library that the class's loader has loaded, so they need no library of their own.
#include <jni.h>

#include <string>

#include "api.h"

extern "C" {
void simcuda_fail(const char* call, long nth, int code);
void simcuda_lose_device();
void simcuda_card(int compute_capability);
void simcuda_reset();
void simcuda_hold(const char* call);
void simcuda_await_held();
void simcuda_release();
void simcuda_seed(uint64_t seed);
long simcuda_calls(const char* call);
long simcuda_live(const char* kind);
long simcuda_live_bytes();
long simcuda_launches();
long simcuda_launches_on(int device);
void simcuda_lose_one_device(int device);
void simcuda_show_devices(int count);
const char* simcuda_last_message();
}

#define SIMCUDA_JAVA(type, name) JNIEXPORT type JNICALL Java_io_voiceprint_simcuda_SimCuda_##name

static std::string text(JNIEnv* env, jstring s) {
  const char* chars = env->GetStringUTFChars(s, nullptr);
  const std::string copy = chars;
  env->ReleaseStringUTFChars(s, chars);
  return copy;
}

extern "C" {
SIMCUDA_JAVA(void, fail)(JNIEnv* env, jclass, jstring call, jlong nth, jint code) { simcuda_fail(text(env, call).c_str(), nth, code); }
SIMCUDA_JAVA(void, loseDevice)(JNIEnv*, jclass) { simcuda_lose_device(); }
SIMCUDA_JAVA(void, card)(JNIEnv*, jclass, jint computeCapability) { simcuda_card(computeCapability); }
SIMCUDA_JAVA(void, hold0)(JNIEnv* env, jclass, jstring call) { simcuda_hold(text(env, call).c_str()); }
SIMCUDA_JAVA(void, awaitHeld)(JNIEnv*, jclass) { simcuda_await_held(); }
SIMCUDA_JAVA(void, release0)(JNIEnv*, jclass) { simcuda_release(); }
SIMCUDA_JAVA(void, reset)(JNIEnv*, jclass) { simcuda_reset(); }
SIMCUDA_JAVA(void, seed)(JNIEnv*, jclass, jlong seed) { simcuda_seed(static_cast<uint64_t>(seed)); }
SIMCUDA_JAVA(jlong, calls)(JNIEnv* env, jclass, jstring call) { return simcuda_calls(text(env, call).c_str()); }
SIMCUDA_JAVA(jlong, live)(JNIEnv* env, jclass, jstring kind) { return simcuda_live(text(env, kind).c_str()); }
SIMCUDA_JAVA(jlong, liveBytes)(JNIEnv*, jclass) { return simcuda_live_bytes(); }
SIMCUDA_JAVA(jlong, launches)(JNIEnv*, jclass) { return simcuda_launches(); }
SIMCUDA_JAVA(void, loseOneDevice)(JNIEnv*, jclass, jint device) { simcuda_lose_one_device(device); }
SIMCUDA_JAVA(void, showDevices)(JNIEnv*, jclass, jint count) { simcuda_show_devices(count); }
SIMCUDA_JAVA(jlong, launchesOn)(JNIEnv*, jclass, jint device) { return simcuda_launches_on(device); }
SIMCUDA_JAVA(jstring, lastMessage)(JNIEnv* env, jclass) { return env->NewStringUTF(simcuda_last_message()); }
}
