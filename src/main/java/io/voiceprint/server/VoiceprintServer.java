package io.voiceprint.server;

import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.common.grpc.GrpcSerializationFormats;
import com.linecorp.armeria.server.Route;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.grpc.GrpcService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.voiceprint.VoiceprintException;
import io.voiceprint.server.config.ConfigException;
import io.voiceprint.server.config.ServerConfig;
import io.voiceprint.server.config.ServerSecurity.TlsFiles;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * The batch server. It answers health checks as soon as it is started; requests, once its models
 * are loaded and warm.
 */
public final class VoiceprintServer implements AutoCloseable {
  /** Of a body, the most that is handed on at a time: what one read of a socket brings. */
  private static final int BODY_CHUNK_BYTES = 1 << 16;

  /** Of all that a client asks about the services in one call; its messages are not bounded. */
  private static final int REFLECTION_BYTES = 1 << 16;

  private final ServerConfig config;
  private final EventLog log;
  private final ModelRegistry registry;
  private final ModelLoader loader;
  private final EmbeddingPipeline pipeline;
  private final Readiness readiness;
  private final DrainGate gate;
  private final Server server;
  private final AtomicBoolean closed = new AtomicBoolean();

  private VoiceprintServer(ServerConfig config, Consumer<LogRecord> output) {
    this.config = config;
    this.log = new EventLog(output);
    ModelCatalog catalog = new ModelCatalog(config, log);
    this.registry = new ModelRegistry(catalog);
    this.loader = new ModelLoader(catalog, registry, config.limits().audio(), log);
    this.pipeline = new EmbeddingPipeline(loader, config.limits());
    this.readiness = new Readiness(registry);
    this.gate = new DrainGate(readiness);
    this.server = build();
  }

  /**
   * Starts a server and the loading of its models.
   *
   * @throws VoiceprintException if the port cannot be had
   */
  public static VoiceprintServer start(ServerConfig config) {
    return start(config, Logger.getLogger(EventLog.NAME)::log);
  }

  /**
   * The same with another place for its log.
   *
   * @param output takes each record, from any thread
   */
  public static VoiceprintServer start(ServerConfig config, Consumer<LogRecord> output) {
    VoiceprintServer server = new VoiceprintServer(config, output);
    try {
      server.server.start().join();
    } catch (CompletionException e) {
      server.pipeline.close();
      server.loader.close();
      throw new VoiceprintException(
          "cannot listen on %s, port %d: %s"
              .formatted(config.host(), config.port(), e.getCause().getMessage()),
          e);
    }
    if (config.security().tokens().isEmpty() && !isLoopback(config.host())) {
      server.log.warning("others than this machine can use the server: no token-file is set");
    }
    return server;
  }

  private static boolean isLoopback(String host) {
    return new InetSocketAddress(host, 0).getAddress().isLoopbackAddress();
  }

  private Server build() {
    ServerBuilder builder = Server.builder();
    listen(builder);
    limit(builder);
    ModelControl control = new ModelControl(loader, config.modelControl());
    UploadBudget uploads = new UploadBudget(config.limits().uploadBytes());
    RequestMetrics requests = new RequestMetrics(log, config.logRequests());
    new InferenceRest(registry, pipeline, readiness).addTo(builder);
    new RepositoryRest(registry, control).addTo(builder);
    new PlainApi(registry, pipeline).addTo(builder);
    BundledFile.openApi().addTo(builder);
    BundledFile.page().forEach(file -> file.addTo(builder));
    new MetricsService(registry, pipeline, requests, uploads, () -> server().numConnections())
        .addTo(builder);
    builder.service(
        GrpcService.builder()
            .addService(
                BoundedMessages.of(new InferenceGrpc(registry, pipeline, readiness, control)))
            .addService(BoundedMessages.of(new GrpcHealth(readiness)))
            // Armeria shows it the other services, but only as it is.
            .addService(ProtoReflectionServiceV1.newInstance())
            .supportedSerializationFormats(GrpcSerializationFormats.PROTO)
            .maxRequestMessageLength((int) config.limits().bodyBytes())
            .exceptionHandler(new GrpcFailures(log))
            .build(),
        StreamedBodies::new,
        PostOnly::new);
    builder.decorator(
        "prefix:/" + ServerReflectionGrpc.SERVICE_NAME,
        (delegate, context, request) -> {
          context.setMaxRequestLength(REFLECTION_BYTES);
          return delegate.serve(context, request);
        });
    // The last one is the first to see a request.
    builder.decorator(new TimeoutHeader());
    builder.decorator(uploads);
    builder.decorator(OpenPaths.except(OpenPaths::whileDraining, gate));
    if (!config.security().tokens().isEmpty()) {
      TokenCheck check = new TokenCheck(config.security().tokens());
      builder.decorator(OpenPaths.except(OpenPaths::withoutToken, check));
    }
    builder.decorator(requests);
    builder.decorator(new HeaderDeadline.Requests());
    builder.errorHandler(new ErrorAnswers(log));
    // It would log what clients did wrong, as if the server had.
    builder.unloggedExceptionsReportIntervalMillis(0);
    try {
      return builder.build();
    } catch (IllegalStateException e) {
      if (config.security().tls().isEmpty()) {
        throw e;
      }
      throw unusable(config.security().tls().get(), "do not belong together", e);
    }
  }

  private void listen(ServerBuilder builder) {
    InetSocketAddress address = new InetSocketAddress(config.host(), config.port());
    if (address.isUnresolved()) {
      throw new ConfigException("host %s is no address of this machine".formatted(config.host()));
    }
    Optional<TlsFiles> tls = config.security().tls();
    builder.port(address, tls.isPresent() ? SessionProtocol.HTTPS : SessionProtocol.HTTP);
    tls.ifPresent(files -> builder.tls(pair(files)));
  }

  private static TlsKeyPair pair(TlsFiles files) {
    try {
      return TlsKeyPair.of(files.key().toFile(), files.certificate().toFile());
    } catch (IllegalArgumentException e) {
      throw unusable(files, "are no certificate chain and PKCS#8 key in PEM", e);
    }
  }

  private static ConfigException unusable(TlsFiles files, String why, RuntimeException e) {
    return new ConfigException(
        "tls-certificate %s, tls-key %s: these %s (%s)"
            .formatted(files.certificate(), files.key(), why, rootMessage(e)));
  }

  private static String rootMessage(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage();
  }

  private void limit(ServerBuilder builder) {
    builder.maxRequestLength(config.limits().bodyBytes());
    builder.http1MaxChunkSize(BODY_CHUNK_BYTES);
    builder.maxNumConnections(config.limits().connections());
    Duration header = config.timeouts().header();
    builder.childChannelPipelineCustomizer(
        connection -> connection.addFirst(new HeaderDeadline(header)));
    builder.http2MaxStreamsPerConnection(config.limits().requests());
    builder.requestTimeout(config.timeouts().request());
    builder.idleTimeout(config.timeouts().idle());
    builder.gracefulShutdownTimeout(Duration.ZERO, Duration.ZERO);
    builder.disableServerHeader();
  }

  /**
   * Loads and warms the models that the configuration names.
   *
   * @return fails if one cannot be loaded
   */
  public CompletableFuture<Void> load() {
    return loader
        .loadConfigured()
        .thenRun(
            () -> {
              if (!closed.get()) {
                log.info("ready", Map.of("port", port(), "host", config.host()));
              }
            });
  }

  /** Every address there is, for tests. */
  List<Route> routes() {
    return server.serviceConfigs().stream().map(ServiceConfig::route).toList();
  }

  private Server server() {
    return server;
  }

  /** The port it listens on. */
  public int port() {
    return server.activeLocalPort();
  }

  /**
   * Refuses new requests, answers those that were accepted, as far as the time for it suffices,
   * then stops and frees the devices. Closing twice is harmless.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    log.info("draining", Map.of());
    loader.stop();
    gate.drain()
        .completeOnTimeout(null, config.timeouts().drain().toMillis(), TimeUnit.MILLISECONDS)
        .join();
    server.stop().join();
    pipeline.close();
    loader.close();
    log.info("stopped", Map.of());
  }
}
