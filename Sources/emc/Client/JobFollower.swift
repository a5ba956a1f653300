import Capacity
import Foundation

/// Follows jobs of a service until all have ended, or a time is over.
struct JobFollower {
  let client: ServiceClient
  let ids: [String]
  /// Nil: as long as it takes.
  let timeout: Duration?

  /// The time to wait is over.
  struct TimedOut: Error {}

  /// Asks again and again; `onChange` gets every job in order of the ids, whenever one has changed. Returns the jobs as
  /// they ended. A service that doesn't answer for a while is waited for.
  func run(onChange: ([JSONValue]) -> Void) async throws -> [JSONValue] {
    let clock = ContinuousClock()
    let end = timeout.map { clock.now + $0 }
    var jobs: [String: JSONValue] = [:]
    var tags: [String: String] = [:]
    var outage: ContinuousClock.Instant?
    while true {
      var hasChanged = false
      do {
        for id in ids where !(jobs[id].map { JobDisplay(job: $0).hasEnded } ?? false) {
          let answer = try await client.send(
            "GET", "/v1/jobs/\(id)", headers: tags[id].map { ["If-None-Match": $0] } ?? [:])
          guard answer.status != 304 else { continue }
          tags[id] = answer.header("etag")
          jobs[id] = try answer.json()
          hasChanged = true
        }
        outage = nil
      } catch let error as ServiceClient.Unreachable where !jobs.isEmpty {
        // A restart of the service takes seconds; jobs go on behind it.
        let since = outage ?? clock.now
        outage = since
        if clock.now - since > .seconds(60) { throw error }
      } catch let error as ServiceClient.Problem where error.status == 503 && !jobs.isEmpty {
        outage = outage ?? clock.now
      }
      let present = ids.compactMap { jobs[$0] }
      if hasChanged { onChange(present) }
      if present.count == ids.count, present.allSatisfy({ JobDisplay(job: $0).hasEnded }) { return present }
      if let end, clock.now >= end { throw TimedOut() }
      let pause = Duration.milliseconds(ids.count > 20 ? 2000 : 500)
      try await Task.sleep(for: end.map { min(pause, $0 - clock.now) } ?? pause)
    }
  }
}
