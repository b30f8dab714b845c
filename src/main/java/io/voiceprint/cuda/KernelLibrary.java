package io.voiceprint.cuda;

import io.voiceprint.cuda.CudaException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The kernels of this project on one context, a module per family, loaded when first asked for. The
 * image is, in this order:
 *
 * <ol>
 *   <li>the file that {@code VOICEPRINT_CUDA_KERNELS} names, for all families;
 *   <li>the fat binary from the build, if the jar carries one and this card and driver take it;
 *   <li>what NVRTC makes of the sources in the jar, remembered on disk ({@link KernelCache}).
 * </ol>
 *
 * {@link #image} tells which it was. Thread-safe; the context owns the modules.
 */
public final class KernelLibrary {
  private static final System.Logger LOG = System.getLogger(KernelLibrary.class.getName());
  private final CudaContext context;
  private final Map<String, CudaModule> modules = new HashMap<>();
  private final Map<String, String> origins = new HashMap<>();
  private KernelCompiler compiler;
  private Optional<KernelCache> cache = Optional.empty();

  public KernelLibrary(CudaContext context) {
    this.context = context;
  }

  /**
   * An entry point.
   *
   * @param family name of the source without {@code .cu}, such as {@code "stats_pool"}
   * @throws CudaException if there is none of that name, or no image fits this card
   */
  public Kernel kernel(String family, String entryPoint) {
    return module(family).kernel(entryPoint);
  }

  /** The module of a family. */
  public synchronized CudaModule module(String family) {
    CudaModule module = modules.get(family);
    if (module == null) {
      module = load(family);
      modules.put(family, module);
    }
    return module;
  }

  /**
   * Which device code a family runs and where it came from, such as {@code "fat binary of the
   * build, sm_90"}.
   *
   * @param entryPoint any of the family
   * @throws CudaException as {@link #kernel}
   */
  public synchronized String image(String family, String entryPoint) {
    String machineCode = kernel(family, entryPoint).machineCode();
    return origins.get(family) + ", " + machineCode;
  }

  private CudaModule loadFrom(String family, String origin, byte[] image) {
    CudaModule module = context.loadModule(family + ", " + origin, image);
    origins.put(family, origin);
    return module;
  }

  private CudaModule load(String family) {
    String chosen = System.getenv("VOICEPRINT_CUDA_KERNELS");
    if (chosen != null && !chosen.isBlank()) {
      return loadFrom(family, chosen, read(Path.of(chosen)));
    }
    byte[] fatBinary = KernelSources.resource(family + ".fatbin");
    if (fatBinary == null) {
      return compiled(family, "this build carries no fat binary of it");
    }
    try {
      return loadFrom(family, "fat binary of the build", fatBinary);
    } catch (CudaException e) {
      // Drivers differ in what they call an image that is too new for them.
      if (e.kind() != Kind.OTHER) {
        throw e;
      }
      return insteadOf(e, family);
    }
  }

  /** What NVRTC makes; if it makes nothing, the message tells what both failed with. */
  private CudaModule insteadOf(CudaException failure, String family) {
    try {
      return compiled(family, failure.getMessage());
    } catch (CudaException e) {
      CudaException both =
          e.at(failure.getMessage() + "; compiling kernels " + family + " instead");
      both.addSuppressed(failure);
      throw both;
    }
  }

  private CudaModule compiled(String family, String why) {
    LOG.log(System.Logger.Level.INFO, "kernels {0} come from NVRTC: {1}", family, why);
    if (compiler == null) {
      compiler = new KernelCompiler(context.device().computeCapability());
      cache = openCache();
    }
    KernelSources sources = KernelSources.of(family);
    String key = compiler.key(sources);
    Optional<byte[]> known = cache.flatMap(c -> cached(c, key));
    byte[] image = known.orElseGet(() -> compiler.compile(sources));
    CudaModule module =
        loadFrom(family, compiler.name() + (known.isPresent() ? " from the cache" : ""), image);
    if (known.isEmpty()) {
      cache.ifPresent(c -> remember(c, key, image));
    }
    return module;
  }

  private static Optional<KernelCache> openCache() {
    Path folder =
        KernelCache.defaultFolder(System.getenv(), Path.of(System.getProperty("user.home")));
    try {
      return Optional.of(new KernelCache(folder));
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING, "compiled kernels are not remembered: " + e.getMessage());
      return Optional.empty();
    }
  }

  private static Optional<byte[]> cached(KernelCache cache, String key) {
    try {
      return cache.get(key);
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING, "compiled kernels cannot be read, they are made anew: " + e);
      return Optional.empty();
    }
  }

  private static void remember(KernelCache cache, String key, byte[] image) {
    try {
      cache.put(key, image);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "compiled kernels are not remembered: " + e);
    }
  }

  private static byte[] read(Path image) {
    try {
      return Files.readAllBytes(image);
    } catch (IOException e) {
      throw CudaException.unavailable("VOICEPRINT_CUDA_KERNELS: cannot read " + image + ": " + e);
    }
  }
}
