package io.voiceprint.bench;

import io.voiceprint.bench.JsonTree.Fields;
import java.util.Map;
import java.util.Optional;

/**
 * A profile in the format that {@code bench/README.md} describes.
 *
 * @param run that it is of
 */
record ProfileTree(MeasuredNetwork network, EngineRun run, Profile profile) {

  Map<String, Object> of() {
    Fields fields =
        JsonTree.fields()
            .put("engine", run.contestant().engine())
            .put("model", network.name())
            .put("frames", profile.frames())
            .put("passes", profile.passes())
            .put("total_ms", profile.totalMs())
            .put("pass_ms", profile.passMs())
            .put("timing", Optional.of(profile.timing()).filter(how -> !how.isEmpty()))
            .put("launches", Optional.of(profile.launches()).filter(count -> count > 0));
    run.ceiling()
        .flatMap(top -> top.device().map(device -> LeastTimes.of(profile.layers(), top, device)))
        .ifPresent(least -> fields.put("least_ms", of(least)));
    return fields.put("layers", profile.layers().stream().map(this::of).toList()).map();
  }

  private static Map<String, Object> of(LeastTimes least) {
    return JsonTree.fields()
        .put("arithmetic", least.arithmetic())
        .put("memory", least.memory())
        .put("launches", least.launches())
        .map();
  }

  private Map<String, Object> of(Layer layer) {
    Fields fields =
        JsonTree.fields()
            .put("name", layer.name())
            .put("kind", layer.kind())
            .put("shape", layer.shape())
            .put("ms", layer.ms())
            .put("flop", layer.flop())
            .put("bytes", layer.bytes())
            .put("launches", Optional.of(layer.launches()).filter(count -> count > 0))
            .put("gflop_per_second", layer.gflopPerSecond())
            .put(
                "share_of_ceiling",
                run.ceiling().map(top -> layer.gflopPerSecond() / top.gflopPerSecond()))
            .put("share_of_total", layer.ms() / profile.totalMs());
    run.ceiling()
        .filter(top -> layer.isTimed())
        .ifPresent(
            top ->
                top.device()
                    .ifPresent(device -> limits(fields, layer, LeastTimes.of(layer, top, device))));
    return fields.map();
  }

  private static void limits(Fields fields, Layer layer, LeastTimes least) {
    fields
        .put("gb_per_second", layer.gbPerSecond())
        .put("share_of_memory_ceiling", least.memory() / layer.ms())
        .put("share_of_launches", least.launches() / layer.ms())
        .put("limit", least.limit());
  }
}
