package io.voiceprint;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/**
 * Whether a device can be used on this machine.
 *
 * @param missing why it cannot and what to do; empty if it can
 */
public record DeviceAvailability(Device device, Optional<String> missing) {

  /**
   * All devices, in the order in which {@link Device#AUTO} prefers them: it takes the first that is
   * available. Looks for drivers and libraries anew at each call, but starts nothing on a device.
   */
  public static List<DeviceAvailability> all() {
    return EnumSet.complementOf(EnumSet.of(Device.AUTO)).stream()
        .map(device -> new DeviceAvailability(device, EngineSelection.missing(device)))
        .toList();
  }

  /** Whether an encoder can be opened on it here. */
  public boolean isAvailable() {
    return missing.isEmpty();
  }
}
