package io.weir.config;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How long a tag is believed.
 *
 * @param refresh within it a tag is answered without asking upstream; zero always asks
 * @param staleIfError for how long after its last check a tag is answered while upstream fails
 * @param rules exceptions to {@code refresh}; the first that matches decides
 */
public record TagsConfig(Duration refresh, StaleIfError staleIfError, List<Rule> rules) {

  public TagsConfig {
    rules = List.copyOf(rules);
  }

  /**
   * An exception to the general refresh time.
   *
   * @param match found anywhere in the tag, as {@link java.util.regex.Matcher#find} does
   * @param refresh as in {@link TagsConfig}
   */
  public record Rule(Pattern match, Duration refresh) {}

  /**
   * Whether a stored answer serves while upstream fails.
   *
   * @param limit how old an answer may be; zero is never, {@link #ALWAYS} is without end
   */
  public record StaleIfError(Duration limit) {
    public static final StaleIfError ALWAYS = new StaleIfError(Duration.ofSeconds(Long.MAX_VALUE));
    public static final StaleIfError NEVER = new StaleIfError(Duration.ZERO);
  }

  /** The time within which {@code tag} is answered without asking upstream. */
  public Duration refreshOf(String tag) {
    for (Rule rule : rules) {
      if (rule.match().matcher(tag).find()) {
        return rule.refresh();
      }
    }
    return refresh;
  }
}
