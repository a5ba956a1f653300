import Capacity
import Foundation
import HTTPServer
import Persistence

/// The routes of jobs but for their submission: lists, each job with its probes, and what clients ask of them.
struct JobsController: Sendable {
  let jobs: JobStore
  /// Nil: nobody listens, and every answer is read anew.
  let feed: JobFeed?
  private let answers = AnswerCache()

  /// Reports of a piece of an answer.
  private static let batch = 200

  func register(on router: inout Router) {
    router.on(.get, "/v1/jobs") { try await list($0) }
    router.on(.get, "/v1/jobs/{id}", parameters: ["wait"]) { try await describe($0) }
    router.on(.get, "/v1/jobs/{id}/specification", parameters: []) { try await specification($0) }
    router.on(.delete, "/v1/jobs/{id}", parameters: []) { try await delete($0) }
    router.on(.post, "/v1/jobs/{id}/cancel", parameters: [], takesContent: false) { request in
      try await change(request, "cancelled", "that has not ended") { try await jobs.cancel($0) }
    }
    router.on(.post, "/v1/jobs/{id}/pause", parameters: [], takesContent: false) { request in
      try await change(request, "paused", "that is queued or running") { try await jobs.pause($0) }
    }
    router.on(.post, "/v1/jobs/{id}/resume", parameters: [], takesContent: false) { request in
      try await change(request, "resumed", "that is paused") { try await jobs.resume($0) }
    }
    router.on(.post, "/v1/jobs/cancel", takesContent: false) { try await changeMany($0, .cancel) }
    router.on(.post, "/v1/jobs/delete", takesContent: false) { try await changeMany($0, .delete) }
  }

  // MARK: Lists

  private func list(_ request: HTTPRequest) async throws -> HTTPResponse {
    let query = try JobQuery(request)
    return try await LongPoll(feed).answer(request) {
      let page: JobPage
      do {
        page = try await jobs.page(
          query.filter, by: query.order, isDescending: query.isDescending, after: query.cursor,
          limit: query.limit)
      } catch let error as DatabaseError where query.cursor != nil && error.isOfData {
        throw ProblemDocument.cursor(query.cursor?.text ?? "")
      }
      return try await onOwnThread {
        try .page(page.records.map { $0.json() }, next: page.next?.text, request: request)
      }
    }
  }

  // MARK: One job

  /// The job; with every probe in its result once it has one.
  private func describe(_ request: HTTPRequest) async throws -> HTTPResponse {
    let id = try request.jobID()
    guard try request.waitPreference() != nil else { return try await current(id, request).response }
    return try await LongPoll(feed).answerOnceEnded(request, about: id) { try await current(id, request) }
  }

  private func current(_ id: UUID, _ request: HTTPRequest) async throws -> (
    response: HTTPResponse, hasEnded: Bool
  ) {
    let mark = feed?.mark
    if let version = feed?.version(of: id) {
      let tag = EntityTag(version: version)
      if request.hasCurrent(tag) { return (.notModified(tag), false) }
      if let kept = answers.answer(id, version: version) { return kept }
    }
    guard let record = try await jobs.job(id) else { throw ProblemDocument.noJob(id.shown) }
    if let mark { feed?.note(id, version: record.version, since: mark) }
    let tag = EntityTag(version: record.version)
    if request.hasCurrent(tag) { return (.notModified(tag), record.state.hasEnded) }
    var response = try await whole(record)
    response.headers.set(.etag, tag.fieldValue)
    if feed != nil { answers.keep((response, record.state.hasEnded), id, version: record.version) }
    return (response, record.state.hasEnded)
  }

  /// The job with what its probes reported: in one piece where they are few, else in pieces as the client takes them.
  private func whole(_ record: JobRecord) async throws -> HTTPResponse {
    guard record.result != nil else { return try await onOwnThread { .json(record.json()) } }
    let places = try await jobs.reportPlaces(of: record.id)
    guard places.count > Self.batch else {
      let reports = try await reports(of: record, at: places)
      return try await onOwnThread { .json(record.json(probes: .array(reports.map(JSONText.stored)))) }
    }
    let (before, after) = try await onOwnThread { record.json(probes: .array([.gap])).aroundGap }
    let text = PagedText(head: before, start: 0) { place in
      let start = Int(place)
      guard start < places.count else { return nil }
      let end = min(start + Self.batch, places.count)
      let reports = try await reports(of: record, at: Array(places[start..<end]))
      var bytes = Array((start == 0 ? "" : ",").utf8)
      bytes += reports.joined(separator: ",").utf8
      if end == places.count { bytes += after }
      return (bytes, Int64(end))
    }
    return HTTPResponse(headers: ["Content-Type": "application/json"], body: .stream(text))
  }

  private func reports(of record: JobRecord, at places: [Int64]) async throws -> [String] {
    guard let reports = try await jobs.reports(of: record.id, at: places) else {
      throw ProblemDocument.noJob(record.id.shown)
    }
    return reports
  }

  /// What the job's specification says beyond the defaults.
  private func specification(_ request: HTTPRequest) async throws -> HTTPResponse {
    let id = try request.jobID()
    guard let record = try await jobs.job(id) else { throw ProblemDocument.noJob(id.shown) }
    return try await onOwnThread { .json(try RecordedJob(record).essential) }
  }

  private func change(
    _ request: HTTPRequest, _ done: String, _ condition: String, _ change: (UUID) async throws -> JobChange
  ) async throws -> HTTPResponse {
    let id = try request.jobID()
    let mark = feed?.mark
    switch try await change(id) {
    case .done(let record):
      if let mark { feed?.note(id, version: record.version, since: mark) }
      return .json(record.json())
    case .refused(let state): throw ProblemDocument.jobState(state, done, only: condition)
    case .notFound: throw ProblemDocument.noJob(id.shown)
    }
  }

  private func delete(_ request: HTTPRequest) async throws -> HTTPResponse {
    let id = try request.jobID()
    switch try await jobs.delete(id) {
    case .done:
      feed?.forget([id])
      return HTTPResponse(status: .noContent)
    case .refused(let state): throw ProblemDocument.jobState(state, "deleted", only: "that has ended")
    case .notFound: throw ProblemDocument.noJob(id.shown)
    }
  }

  // MARK: Many jobs

  /// Says how many jobs the filter finds; changes them only where the client says how many it expects, and there are as
  /// many.
  private func changeMany(_ request: HTTPRequest, _ mutation: JobsMutation) async throws -> HTTPResponse {
    try request.checkParameters(JobQuery.filterNames.union(["expected"]), repeatable: JobQuery.repeatable)
    let filter = try JobQuery.filter(request, states: mutation.states)
    let expected = try request.parameter("expected", in: 0...Int(Int32.max))
    let change = try await jobs.change(mutation, filter, expected: expected)
    if let expected, change.matching != expected {
      throw ProblemDocument(
        .countDiffers,
        detail: "the filter finds \(change.matching) jobs, not the \(expected) expected: nothing was changed",
        extensions: ["matching": change.matching, "expected": expected])
    }
    feed?.forget(change.changed)
    return .json(
      .object(["matching": .integer(change.matching), "changed": .integer(change.changed.count)]))
  }
}

extension HTTPRequest {
  /// The job that the path names; 404 for what can't be one.
  func jobID() throws(ProblemDocument) -> UUID {
    let text = pathParameters["id"] ?? ""
    guard let id = UUID(uuidString: text) else { throw .noJob(text) }
    return id
  }
}

extension ProblemDocument {
  /// 409: the job stands where that can't be asked of it.
  static func jobState(_ state: JobState, _ change: String, only condition: String) -> ProblemDocument {
    ProblemDocument(
      state.hasEnded ? .jobEnded : .jobState,
      detail: "the job is \(state.rawValue); only a job \(condition) can be \(change)",
      extensions: ["state": state.rawValue])
  }
}
