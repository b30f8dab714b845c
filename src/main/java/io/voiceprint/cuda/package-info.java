/**
 * The device layer: small owners of what the CUDA driver and its libraries hand out, and the only
 * package that imports {@code jcuda.*}.
 *
 * <p>A {@link io.voiceprint.cuda.CudaContext} owns everything that is opened on it; closing it
 * closes its children. Closing twice is harmless, use after close is an {@link
 * IllegalStateException} that names the resource, and every status is checked: a failure is a
 * {@link io.voiceprint.cuda.CudaException} that names the call, the status and what it was about.
 * Device addresses are plain {@code long}s.
 *
 * <p>Unless a class says otherwise its instances are for one thread at a time; the context itself
 * may be used by many.
 */
package io.voiceprint.cuda;
