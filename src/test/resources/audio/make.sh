#!/usr/bin/env bash
# Makes the audio fixtures of this folder; see README.md.
set -euo pipefail
cd "$(dirname "$0")"
quiet() { "$@" >/dev/null 2>&1; }
chirp() { sox -D -n -r "$1" -c 1 -b 16 "$3" synth "$2" sine 150-3000 synth "$2" sine mix 440 vol 0.5; }
chirp 16000 0.5 16k.wav
chirp 8000 0.5 8k.wav
chirp 44100 0.15 left.wav
sox -D -n -r 44100 -c 1 -b 16 right.wav synth 0.15 sine 1000 vol 0.3
sox -D -M left.wav right.wav 44k1.wav

for encoding in "pcm_u8 -b 8 -e unsigned-integer" "pcm_s24 -b 24 -e signed-integer" "pcm_s32 -b 32 -e signed-integer" \
    "float32 -b 32 -e floating-point" "float64 -b 64 -e floating-point" "alaw -e a-law" "ulaw -e mu-law"; do
  read -r name options <<< "$encoding"
  sox -D 16k.wav $options "16k_$name.wav" trim 0 0.1
done
sox -D 16k_alaw.wav -b 16 -e signed-integer 16k_alaw.decoded.wav
sox -D 16k_ulaw.wav -b 16 -e signed-integer 16k_ulaw.decoded.wav
sox -D 16k_pcm_u8.wav -b 16 -e signed-integer 16k_pcm_u8.decoded.wav

quiet flac -f --no-padding -8 -o 16k.flac 16k.wav
quiet flac -f --no-padding -0 -b 1152 -o 8k.flac 8k.wav
quiet flac -f --no-padding -8 -o 44k1.flac 44k1.wav
quiet flac -f --no-padding -5 -o 16k_s24.flac 16k_pcm_s24.wav
sox -D -n -r 16000 -c 1 -b 16 silence.wav synth 0.2 sine 0 vol 0
quiet flac -f --no-padding -8 -o silence.flac silence.wav

lame --quiet --noreplaygain -b 64 16k.wav 16k.mp3
lame --quiet --noreplaygain -b 32 8k.wav 8k.mp3
lame --quiet --noreplaygain -b 128 44k1.wav 44k1.mp3
lame --quiet --noreplaygain -V 4 -m j 44k1.wav 44k1_vbr.mp3
lame --quiet --noreplaygain -p -b 64 16k.wav 16k_crc.mp3
lame --quiet --noreplaygain -b 64 --add-id3v2 --tt Chirp 16k.wav 16k_id3.mp3

oggenc -Q -q 6 -s 1 -o 16k.ogg 16k.wav
oggenc -Q -q 6 -s 1 -o 8k.ogg 8k.wav
oggenc -Q -q 6 -s 1 -o 44k1.ogg 44k1.wav
ffmpeg -v error -y -i 16k.wav -c:a libopus -b:a 24k -fflags +bitexact opus.ogg
# Bursts of noise make the encoders switch block sizes and use the bit reservoir.
for rate in 8000 16000; do
  sox -D -R -n -r $rate -c 1 -b 16 bursts.wav synth 0.5 noise synth 0.5 square amod 7 vol 0.5
  oggenc -Q -q 1 -s 1 -o "bursts_$rate.ogg" bursts.wav
  lame --quiet --noreplaygain -V 5 bursts.wav "bursts_$rate.mp3"
  for codec in ogg mp3; do
    ffmpeg -v error -y -i "bursts_$rate.$codec" -c:a pcm_s16le -bitexact "bursts_$rate.$codec.wav"
  done
done
# Pink noise at 24 kHz meets the band boundary that JCodec has wrong.
sox -D -R -n -r 24000 -c 1 -b 16 pink.wav synth 1 pinknoise synth 1 sine amod 3 vol 0.7
lame --quiet --noreplaygain -b 64 pink.wav pink_24000.mp3
rm -f bursts.wav pink.wav left.wav right.wav silence.wav
