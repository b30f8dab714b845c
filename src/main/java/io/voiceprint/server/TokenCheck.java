package io.voiceprint.server;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * Lets through who sends {@code Authorization: Bearer TOKEN}. Digests are compared, all of them and
 * each in constant time, so that the time taken tells neither a token nor its length.
 */
final class TokenCheck implements DecoratingHttpServiceFunction {
  private static final String SCHEME = "Bearer ";

  private final List<byte[]> digests;

  TokenCheck(List<String> tokens) {
    this.digests = tokens.stream().map(TokenCheck::digest).toList();
  }

  private static byte[] digest(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public HttpResponse serve(
      HttpService delegate, ServiceRequestContext context, HttpRequest request) throws Exception {
    if (!isValid(request.headers().get(HttpHeaderNames.AUTHORIZATION, ""))) {
      throw new RequestFailure(
          Fault.UNAUTHORIZED, "send a token of this server: Authorization: Bearer TOKEN");
    }
    return delegate.serve(context, request);
  }

  private boolean isValid(String header) {
    if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return false;
    }
    byte[] sent = digest(header.substring(SCHEME.length()).strip());
    boolean valid = false;
    for (byte[] digest : digests) {
      valid |= MessageDigest.isEqual(digest, sent);
    }
    return valid;
  }
}
