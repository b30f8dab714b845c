package io.voiceprint.server;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.logging.RequestLog;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status;
import io.voiceprint.metrics.Distribution;
import io.voiceprint.metrics.Histogram;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts requests by route and status, measures them, and logs them if that is wanted. */
final class RequestMetrics implements DecoratingHttpServiceFunction {
  private static final String GRPC_STATUS = "grpc-status";
  private static final double[] SECONDS = {
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60
  };

  /**
   * What is counted apart.
   *
   * @param route pattern of the address, such as {@code /v2/models/:model/infer}
   * @param status of HTTP
   * @param grpcStatus by name, such as {@code INVALID_ARGUMENT}; empty if it was no gRPC
   */
  record Key(String route, String status, String grpcStatus) {
    /** Pairs of name and value. */
    String[] labels() {
      return grpcStatus.isEmpty()
          ? new String[] {"route", route, "status", status}
          : new String[] {"route", route, "status", status, "grpc_status", grpcStatus};
    }
  }

  private final Map<Key, LongAdder> counts = new ConcurrentHashMap<>();
  private final Map<String, Histogram> durations = new ConcurrentHashMap<>();
  private final EventLog log;
  private final boolean logging;

  RequestMetrics(EventLog log, boolean logging) {
    this.log = log;
    this.logging = logging;
  }

  @Override
  public HttpResponse serve(
      HttpService delegate, ServiceRequestContext context, HttpRequest request) throws Exception {
    String route = context.config().route().patternString();
    var unused = context.log().whenComplete().thenAccept(done -> record(context, route, done));
    return delegate.serve(context, request);
  }

  private void record(ServiceRequestContext context, String route, RequestLog done) {
    String status = done.responseHeaders().status().codeAsText();
    String grpcStatus = grpcStatus(done);
    double seconds = done.totalDurationNanos() * 1e-9;
    counts.computeIfAbsent(new Key(route, status, grpcStatus), key -> new LongAdder()).increment();
    durations.computeIfAbsent(route, key -> new Histogram(SECONDS)).record(seconds);
    if (logging) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("request", context.id().shortText());
      fields.put("method", context.method().name());
      fields.put("route", route);
      fields.put("status", status);
      if (!grpcStatus.isEmpty()) {
        fields.put("grpcStatus", grpcStatus);
      }
      fields.put("seconds", seconds);
      fields.put("bytesIn", done.requestLength());
      fields.put("bytesOut", done.responseLength());
      fields.put("client", context.clientAddress().getHostAddress());
      log.info("request", fields);
    }
  }

  /** What gRPC says in its trailers or, where no message came before, in the headers. */
  private static String grpcStatus(RequestLog done) {
    String code =
        done.responseTrailers().get(GRPC_STATUS, done.responseHeaders().get(GRPC_STATUS, ""));
    return code.isEmpty() ? "" : Status.fromCodeValue(Integer.parseInt(code)).getCode().name();
  }

  /** Requests so far. */
  Map<Key, Long> counts() {
    Map<Key, Long> snapshot = new LinkedHashMap<>();
    counts.forEach((key, count) -> snapshot.put(key, count.sum()));
    return snapshot;
  }

  /** Seconds from head to answer, by route. */
  Map<String, Distribution> durations() {
    Map<String, Distribution> snapshot = new TreeMap<>();
    durations.forEach((route, seconds) -> snapshot.put(route, seconds.snapshot()));
    return snapshot;
  }
}
