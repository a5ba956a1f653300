import Foundation
import Synchronization

/// Requests a minute of each token: a bucket that holds a minute's worth and is filled evenly.
package final class RateLimiter: Sendable {
  private struct Bucket {
    var level: Double
    var at: ContinuousClock.Instant
  }

  /// What is left after a request.
  package struct Standing {
    /// False: this request is one too many.
    package let isAllowed: Bool
    /// Requests that may follow at once.
    package let remaining: Int
    /// Seconds until the bucket is full again, or until one more is allowed where this one wasn't.
    package let seconds: Int
  }

  private let buckets = Mutex<[UUID: Bucket]>([:])

  /// No token has sent anything yet.
  package init() {}

  /// Takes one request out of a token's bucket.
  package func take(_ id: UUID, rate: Int, at now: ContinuousClock.Instant = .now) -> Standing {
    let (capacity, perSecond) = (Double(rate), Double(rate) / 60)
    return buckets.withLock { buckets in
      var bucket = buckets[id] ?? Bucket(level: capacity, at: now)
      bucket.level = min(capacity, bucket.level + (now - bucket.at).inSeconds * perSecond)
      bucket.at = now
      let isAllowed = bucket.level >= 1
      if isAllowed { bucket.level -= 1 }
      buckets[id] = bucket
      let wait = isAllowed ? (capacity - bucket.level) / perSecond : (1 - bucket.level) / perSecond
      return Standing(
        isAllowed: isAllowed, remaining: Int(bucket.level), seconds: max(1, Int(wait.rounded(.up))))
    }
  }
}
