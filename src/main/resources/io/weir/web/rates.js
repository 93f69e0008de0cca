/** What the charts show of the server's samples. */

/**
 * How fast the counters grew from each sample to the next, a second; the gauges as they are.
 *
 * @param samples as in `GET history`, the oldest first
 */
export function rates(samples) {
  return samples.slice(1).map((sample, index) => {
    const before = samples[index];
    const seconds = (Date.parse(sample.at) - Date.parse(before.at)) / 1000;
    const rate = (key) => Math.max(0, sample[key] - before[key]) / seconds;
    const requests = rate("requests");
    const hits = Math.min(requests, rate("hits"));
    return {
      at: Date.parse(sample.at),
      hits,
      others: requests - hits,
      sentBytes: rate("sentBytes"),
      receivedBytes: rate("receivedBytes"),
      usedBytes: sample.usedBytes,
    };
  });
}
