package io.weir.upstream;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a registry wants to see, from the {@code WWW-Authenticate} lines of its 401.
 *
 * <p>Registries write these in every way that RFC 9110 allows and some that it does not: several
 * lines, several schemes in one line, parameters without quotes, any case, escaped quotes.
 *
 * @param scheme Bearer is preferred where there are both
 * @param realm the token service, as it was written; empty for Basic
 * @param service who the token is for, or null where none is named
 * @param scope what the token is for, or null where none is named
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1">RFC 9110, 11.6.1</a>
 * @see <a href="https://distribution.github.io/distribution/spec/auth/token/">Docker token
 *     authentication</a>
 */
record Challenge(Scheme scheme, String realm, @Nullable String service, @Nullable String scope) {

  enum Scheme {
    /** Nothing is asked for. */
    NONE,
    BASIC,
    BEARER
  }

  static final Challenge NONE = new Challenge(Scheme.NONE, "", null, null);
  private static final Challenge BASIC = new Challenge(Scheme.BASIC, "", null, null);

  /** The challenge to answer; {@link #NONE} where there is none that can be answered. */
  static Challenge parse(List<String> lines) {
    Challenge best = NONE;
    for (String line : lines) {
      for (Part part : new Parser(line).parts()) {
        String realm = part.parameters.get("realm");
        if (part.scheme.equals("bearer") && realm != null && !realm.isEmpty()) {
          return new Challenge(
              Scheme.BEARER, realm, part.parameters.get("service"), part.parameters.get("scope"));
        }
        if (part.scheme.equals("basic")) {
          best = BASIC;
        }
      }
    }
    return best;
  }

  /**
   * The scope to ask a token for.
   *
   * @param repository the repository's full name at the upstream, or null where it is about none
   * @return the scope of this challenge where that is not about a repository (public.ecr.aws has
   *     {@code aws}); else the right to pull {@code repository}, whatever the challenge names: at
   *     ghcr.io that is a placeholder
   */
  @Nullable String scopeFor(@Nullable String repository) {
    boolean isVerbatim = scope != null && !scope.isBlank() && !scope.startsWith("repository:");
    if (isVerbatim) {
      return scope;
    }
    return repository == null ? null : "repository:" + repository + ":pull";
  }

  /** Whether {@code other} leads to the same token service. */
  boolean asksLike(Challenge other) {
    return scheme == other.scheme
        && realm.equals(other.realm)
        && Objects.equals(service, other.service)
        && Objects.equals(scopeFor(null), other.scopeFor(null));
  }

  private record Part(String scheme, Map<String, String> parameters) {}

  /** Reads one line from left to right. */
  private static final class Parser {
    private final String line;
    private int at;

    Parser(String line) {
      this.line = line;
    }

    /** A word that is followed by an equals sign is a parameter of the scheme before it. */
    List<Part> parts() {
      List<Part> parts = new ArrayList<>();
      skip(" \t,");
      while (at < line.length()) {
        String word = until(" \t,=").toLowerCase(Locale.ROOT);
        skip(" \t");
        if (at < line.length() && line.charAt(at) == '=') {
          at++;
          skip(" \t");
          String value = value();
          if (!parts.isEmpty()) {
            parts.getLast().parameters.putIfAbsent(word, value);
          }
        } else if (!word.isEmpty()) {
          parts.add(new Part(word, new HashMap<>()));
        }
        skip(" \t,");
      }
      return parts;
    }

    private String value() {
      if (at >= line.length() || line.charAt(at) != '"') {
        return until(" \t,");
      }
      StringBuilder value = new StringBuilder();
      for (at++; at < line.length() && line.charAt(at) != '"'; at++) {
        if (line.charAt(at) == '\\' && at + 1 < line.length()) {
          at++;
        }
        value.append(line.charAt(at));
      }
      at++;
      return value.toString();
    }

    private String until(String ends) {
      int start = at;
      while (at < line.length() && ends.indexOf(line.charAt(at)) < 0) {
        at++;
      }
      return line.substring(start, at);
    }

    private void skip(String characters) {
      while (at < line.length() && characters.indexOf(line.charAt(at)) >= 0) {
        at++;
      }
    }
  }
}
