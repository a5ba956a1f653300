import Capacity
import Foundation
import HTTPServer
import Persistence

/// The streams of events: of one job, of one study with its jobs, and of all.
struct EventsController: Sendable {
  /// Nil: nobody listens.
  let feed: JobFeed?

  func register(on router: inout Router) {
    router.on(.get, "/v1/events", parameters: ["last_event_id"]) { request in
      .events(try await available.stream(ofAllSince: lastVersion(request)))
    }
    router.on(.get, "/v1/jobs/{id}/events", parameters: ["last_event_id"]) { request in
      answer(try await available.stream(of: try request.jobID(), since: lastVersion(request)))
    }
    router.on(.get, "/v1/studies/{id}/events", parameters: ["last_event_id"]) { request in
      let text = request.pathParameters["id"] ?? ""
      guard let id = UUID(uuidString: text) else { throw ProblemDocument.noStudy(text) }
      return answer(try await available.stream(ofStudy: id, since: lastVersion(request)))
    }
  }

  /// - Parameter stream: nil: there will be no more events. A client that gets 204 doesn't come back (WHATWG HTML §9.2.3).
  private func answer(_ stream: EventStream?) -> HTTPResponse {
    stream.map { .events($0) } ?? HTTPResponse(status: .noContent)
  }

  private var available: JobFeed {
    get throws {
      guard let feed, !feed.isClosed else {
        throw ProblemDocument(
          .unavailable, detail: "the server sends no events", headers: ["Retry-After": "5"])
      }
      return feed
    }
  }

  /// The version in `Last-Event-ID`, or in the parameter for a client's first call; a field that holds something else is as
  /// if it weren't there.
  private func lastVersion(_ request: HTTPRequest) throws -> Int64? {
    if let id = request.lastEventID, let version = PlainNumber.parse(id) { return Int64(version) }
    guard let text = try request.parameter("last_event_id") else { return nil }
    guard let version = PlainNumber.parse(text).map(Int64.init) else {
      throw ProblemDocument.parameter(
        "last_event_id", text, allowed: "the id of an event, or a job's version")
    }
    return version
  }
}
