#!/usr/bin/env bash
# Makes target/voiceprint-bundle.tar.gz: all that bench/gpu-check.sh needs on a machine with a GPU but without a JDK,
# Maven or a network (Linux x86-64, glibc).
#
#   bench/make-bundle.sh [--no-build]
#
#   --no-build        take what lies in target/ as it is
#   VOICEPRINT_GOLDEN folder of the reference data; without it the bundle's tests that need it will be skipped
#
# In it: a Java runtime, the runnable jar with the kernels, the launcher, the demo model, the tests tagged "gpu" with
# JUnit's console, the small models of the reference data, and the PyTorch peer. Left out: what binds oneDNN,
# reads MP3 or ONNX, or serves, the native parts of JCuda that Voiceprint never loads, and the base model (bench uses
# seeded weights; the tests find the base model where VOICEPRINT_GOLDEN names the whole reference data).
set -euo pipefail
cd "$(dirname "$0")/.."

most_megabytes=40
# One of each family, as far as they fit; random networks test the rest.
models="eres2net_micro eres2net_odd eres2netv2_tiny res2net_tiny ecapa_tdnn_tiny campplus_tiny"
with_activations="eres2netv2_tiny ecapa_tdnn_tiny campplus_tiny"
long_clip=long_60s
unused="lib/libJNvPTXCompiler-* lib/libJCublas-* lib/libJCudaRuntime-* org/bytedeco org/jcodec net/sourceforge com/google/protobuf"
modules=java.base,java.logging,java.management,jdk.management,jdk.unsupported

fail() {
  echo "make-bundle: $1" >&2
  exit 1
}

case ${1:-} in
  '' | --no-build) ;;
  -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) fail "unknown option $1; there is --no-build" ;;
esac
for tool in jlink jar unzip tar; do
  command -v $tool > /dev/null || fail "$tool was not found; it comes with a JDK or the system's packages"
done
[ "$(uname -s) $(uname -m)" = "Linux x86_64" ] || fail "the bundle is for Linux x86-64 and is made there"
if [ "${1:-}" != --no-build ]; then
  mvn -q -B -ntp -Pbundle -DskipTests package
fi
jar=$(ls target/voiceprint-*-cli.jar 2> /dev/null | tail -1)
[ -n "$jar" ] || fail "no target/voiceprint-*-cli.jar; run without --no-build"
console=target/bundle-tools/junit-platform-console-standalone.jar
[ -f "$console" ] || fail "no $console; run without --no-build"

bundle=target/voiceprint-bundle
rm -rf "$bundle"
mkdir -p "$bundle/target" "$bundle/bench" "$bundle/weights" "$bundle/tests/io/voiceprint"

# Neither runtime nor jars are compressed, since gzip makes less of them as a whole than of their parts.
jlink --add-modules $modules --strip-debug --no-header-files --no-man-pages --compress=0 --output "$bundle/runtime"
command -v strip > /dev/null && strip --strip-unneeded "$bundle/runtime/lib/server/libjvm.so"

# repack JAR TARGET [PATTERN ...]: without what matches, for want of a tool in the JDK that deletes from a jar
repack() {
  local from=$1 to=$2 folder=target/bundle-jar
  shift 2
  rm -rf $folder && mkdir $folder
  unzip -q "$from" -d $folder
  # shellcheck disable=SC2068
  (cd $folder && rm -rf $@)
  mv $folder/META-INF/MANIFEST.MF target/MANIFEST.MF
  jar --create --no-compress --file "$to" --manifest target/MANIFEST.MF -C $folder .
  rm -rf $folder target/MANIFEST.MF
}
# shellcheck disable=SC2086
repack "$jar" "$bundle/target/$(basename "$jar")" $unused
repack "$console" "$bundle/tests/$(basename "$console")"
mkdir "$bundle/target/lib"
cp target/lib/jorbis-*.jar "$bundle/target/lib/"
ls target/classes/io/voiceprint/cuda/kernels/*.fatbin > /dev/null 2>&1 ||
  echo "make-bundle: no compiled kernels in it; NVRTC will compile them on the machine" >&2

cp voiceprint "$bundle/"
cp -r weights/demo "$bundle/weights/"
cp bench/gpu-check.sh "$bundle/bench/"
mkdir -p "$bundle/bench/peers/pytorch"
cp bench/peers/pytorch/*.py "$bundle/bench/peers/pytorch/"
for package in audio cuda engine golden model simcuda; do
  [ -d "target/test-classes/io/voiceprint/$package" ] && cp -r "target/test-classes/io/voiceprint/$package" "$bundle/tests/io/voiceprint/"
done
# Those with golden data first: they say the most.
(
  cd src/test/java
  grep -rl '^@Tag("gpu")' io | grep '/engine/cuda/.*\(Engine\|Precision\)Test' | sort
  grep -rl '^@Tag("gpu")' io | grep -v '/engine/cuda/.*\(Engine\|Precision\)Test' | sort
) | sed 's|/|.|g; s|\.java$||' > "$bundle/tests/classes"
git rev-parse HEAD > "$bundle/commit" 2> /dev/null || echo unknown > "$bundle/commit"

if [ -n "${VOICEPRINT_GOLDEN:-}" ]; then
  mkdir -p "$bundle/golden/models"
  cp -r "$VOICEPRINT_GOLDEN"/{wav,fbank_cmn} "$bundle/golden/"
  rm -f "$bundle/golden"/{wav,fbank_cmn}/$long_clip.*
  grep -v "^$long_clip," "$VOICEPRINT_GOLDEN/wav.csv" > "$bundle/golden/wav.csv"
  for model in $models; do
    mkdir "$bundle/golden/models/$model"
    cp -r "$VOICEPRINT_GOLDEN/models/$model"/{config.json,model.ckpt,embeddings} "$bundle/golden/models/$model/"
    grep -v "^$long_clip," "$VOICEPRINT_GOLDEN/models/$model/status.csv" > "$bundle/golden/models/$model/status.csv"
  done
  for model in $with_activations; do
    cp -r "$VOICEPRINT_GOLDEN/models/$model/activations" "$bundle/golden/models/$model/"
  done
  chmod -R u+w "$bundle/golden"
else
  echo "make-bundle: VOICEPRINT_GOLDEN is not set: without reference data the bundle's tests will skip" >&2
fi

tar -C target -cf - voiceprint-bundle | gzip -9 > target/voiceprint-bundle.tar.gz
du -sm "$bundle"/* | sed 's/^/  MB unpacked: /'
megabytes=$(($(stat -c %s target/voiceprint-bundle.tar.gz) / 1000000 + 1))
echo "target/voiceprint-bundle.tar.gz: $megabytes MB"
[ "$megabytes" -le "$most_megabytes" ] || fail "more than $most_megabytes MB"
