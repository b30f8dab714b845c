package io.voiceprint.bench;

/**
 * What was measured.
 *
 * @param engine unique, such as {@code "voiceprint cpu fp32"}
 * @param device in words, such as {@code "oneDNN, 2 threads"}
 * @param precision such as {@code "fp32"}
 * @param threads of the CPU
 */
public record Contestant(String engine, String device, String precision, int threads) {}
