import Capacity
import Foundation

/// Follows jobs of a service until all have ended, or a time is over.
package struct JobFollower {
  private let client: ServiceClient
  private let ids: [String]
  private let timeout: Duration?
  private let patience: Duration

  /// The time to wait is over.
  struct TimedOut: Error {}

  /// Jobs that one request asks for: their ids stand in its address.
  private static let batch = 100
  /// How long the service holds an answer back until there is news.
  private static let longest = 30
  /// The same while others wait for their turn.
  private static let shortest = 1

  /// - Parameters:
  ///   - timeout: from when on jobs are no longer waited for; nil: as long as it takes.
  ///   - patience: how long a service that doesn't answer, or answers that it can't, is waited for.
  package init(
    client: ServiceClient, ids: [String], timeout: Duration?, patience: Duration = .seconds(60)
  ) {
    self.client = client
    self.ids = ids
    self.timeout = timeout
    self.patience = patience
  }

  /// A request about some of the jobs, and the tag of its last answer.
  private struct Question {
    let ids: [String]
    var tag: String?
  }

  /// Waits for news by long polls: the service answers when something has changed. `onChange` gets every job in order of
  /// the ids, whenever one has changed. Returns the jobs as they ended. A service that doesn't answer for a while, as one
  /// that is started again, is waited for once it has told of a job.
  ///
  /// - Throws: `TimedOut`; `ServiceClient.Unreachable` or the `ServiceClient.Problem` of status 503 of an outage that lasts
  ///   for longer than there is patience; any other problem at once.
  package func run(onChange: ([JSONValue]) -> Void) async throws -> [JSONValue] {
    let end = timeout.map { ContinuousClock.now + $0 }
    var jobs: [String: JSONValue] = [:]
    var questions: [Question] = []
    var outage: ContinuousClock.Instant?
    while true {
      let open = ids.filter { !(jobs[$0].map { JobDisplay(job: $0).hasEnded } ?? false) }
      if open.isEmpty { return ids.compactMap { jobs[$0] } }
      if questions.isEmpty || questions.flatMap(\.ids) != open {
        questions = stride(from: 0, to: open.count, by: Self.batch).map {
          Question(ids: Array(open[$0..<min($0 + Self.batch, open.count)]))
        }
      }
      do {
        for index in questions.indices {
          let news = try await ask(
            &questions[index], until: end, isOnly: questions.count == 1, isFirst: jobs.isEmpty)
          for job in news { jobs[JobDisplay(job: job).id] = job }
          if !news.isEmpty { onChange(ids.compactMap { jobs[$0] }) }
        }
        outage = nil
      } catch let error as ServiceClient.Unreachable where !jobs.isEmpty {
        try await waitOut(error, &outage, until: end)
      } catch let error as ServiceClient.Problem where error.status == 503 && !jobs.isEmpty {
        try await waitOut(error, &outage, until: end)
      }
      let isOver = ids.allSatisfy { jobs[$0].map { JobDisplay(job: $0).hasEnded } ?? false }
      if !isOver, let end, ContinuousClock.now >= end { throw TimedOut() }
    }
  }

  /// The jobs of a question where one of them has changed: those that have ended as a whole.
  private func ask(
    _ question: inout Question, until end: ContinuousClock.Instant?, isOnly: Bool, isFirst: Bool
  ) async throws -> [JSONValue] {
    var wait = question.tag == nil ? 0 : isOnly ? Self.longest : Self.shortest
    if let end {
      let left = end - .now
      wait = max(0, min(wait, Int(left.components.seconds)))
      // Less than a second can't be asked for.
      if wait == 0, question.tag != nil { try await pause(until: end) }
    }
    let answer = try await client.send(
      "GET", "/v1/jobs",
      query: [
        ("id", question.ids.joined(separator: ",")), ("limit", String(Self.batch)), ("wait", String(wait)),
      ], headers: question.tag.map { ["If-None-Match": $0] } ?? [:], timeout: Double(wait) + 60,
      // Later ones are waited for by the follower itself, who knows for how long.
      patience: isFirst ? ServiceClient.patience : .zero)
    guard answer.status != 304 else { return [] }
    question.tag = answer.header("etag")
    let listed = try answer.json()["items"]?.arrayValue ?? []
    let found = Set(listed.map { JobDisplay(job: $0).id })
    var news: [JSONValue] = []
    // What isn't listed isn't there: the service says so.
    for id in question.ids where !found.contains(id) { news.append(try await client.get("/v1/jobs/\(id)")) }
    for job in listed {
      let display = JobDisplay(job: job)
      // Lists leave the probes out.
      news.append(display.hasEnded ? try await client.get("/v1/jobs/\(display.id)") : job)
    }
    return news
  }

  /// A moment's pause in an outage, whose beginning is noted. A restart of the service takes seconds, and jobs go on behind
  /// it: one that lasts for longer than there is patience is thrown.
  private func waitOut(
    _ error: any Error, _ outage: inout ContinuousClock.Instant?, until end: ContinuousClock.Instant?
  ) async throws {
    let begun = outage ?? .now
    outage = begun
    if ContinuousClock.now - begun > patience { throw error }
    try await pause(until: end)
  }

  /// A moment, but no longer than there is time.
  private func pause(until end: ContinuousClock.Instant?) async throws {
    let moment = Duration.milliseconds(500)
    try await Task.sleep(for: end.map { max(.zero, min(moment, $0 - .now)) } ?? moment)
  }
}
