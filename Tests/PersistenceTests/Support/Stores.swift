import Foundation
import Persistence
import Testing

/// A content address that is told apart by a number.
func digest(_ number: Int) -> String {
  let hexadecimal = String(number, radix: 16)
  return String(repeating: "0", count: 64 - hexadecimal.count) + hexadecimal
}

/// Probe number `number`.
func request(_ number: Int) -> ProbeRequest {
  ProbeRequest(
    digest: digest(number), trajectory: digest(number), samples: 64 * number, replicate: number % 3,
    maxSteps: 1000,
    specification: #"{"probe": \#(number)}"#)
}

extension JobStore {
  /// Submits a job of which little is known.
  func submit(specification: String, name: String? = nil) async throws -> JobRecord {
    try await submit(JobSubmission(specification: specification, name: name))
  }

  /// Advances a job; what it then is, nil where it wasn't to be advanced: nothing was asked of `decide`, nothing changed.
  func advanced(
    _ id: UUID, decide: @escaping @Sendable (JobHistory) throws -> JobAdvance
  ) async throws -> JobRecord? {
    let (before, asked) = (try await job(id), Counter())
    let isLive = try await advance(id: id) { history in
      asked.increment()
      return try decide(history)
    }.isLive
    let after = try await job(id)
    guard asked.value > 0 || after != before else {
      #expect(!isLive)
      return nil
    }
    #expect(isLive == after?.state.isLive)
    return after
  }
}

extension ProbeQueue {
  /// The first probe of the queue, now the worker's; nil if there is none.
  func claim(worker: String) async throws -> ClaimedProbe? {
    try await claim(ProbeClaimant(worker: worker), limit: 1).first
  }

  /// Extends the lease of one claim; false where training is to stop.
  func heartbeat(_ claim: ClaimedProbe) async throws -> Bool { try await !heartbeat([claim]).isEmpty }

  /// Records an outcome after some steps. False if the probe is no longer this attempt's.
  func finish(
    _ claim: ClaimedProbe, outcome: ProbeOutcome, steps: Int = 7, report: String = "{}"
  ) async throws -> Bool {
    let measurement = ProbeMeasurement(
      outcome: outcome, steps: steps, seconds: 0.25, kernels: "Zen", report: report)
    return try await !finish([(claim.fence, measurement)]).isEmpty
  }
}

extension Database {
  /// How many probes there are in each state.
  func probeCounts() async throws -> [ProbeState: Int] {
    let count = Statement("count probes", "SELECT state, count(*) AS count FROM probes GROUP BY state")
    let pairs = try await query(count) { row in
      (try row.value("state", as: ProbeState.self), try row.value("count", as: Int.self))
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }
}
