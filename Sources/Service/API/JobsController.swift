import Capacity
import Datasets
import Foundation
import HTTPServer
import Persistence

/// The routes of jobs.
struct JobsController: Sendable {
  let jobs: JobStore
  let datasets: DatasetLibrary

  func register(on router: inout Router) {
    router.on(.post, "/v1/jobs", parameters: []) { try await submit($0) }
    router.on(.get, "/v1/jobs") { try await list($0) }
    router.on(.get, "/v1/jobs/{id}", parameters: []) { try await describe($0) }
    router.on(.get, "/v1/jobs/{id}/probes") { try await probes($0) }
    router.on(.post, "/v1/jobs/{id}/cancel", parameters: []) { try await cancel($0) }
  }

  /// 202 with the job; 400 when the body is not JSON, 422 with every fault when it can't be run.
  private func submit(_ request: HTTPRequest) async throws -> HTTPResponse {
    let body = try await request.collectJSON()
    let record: JobRecord
    do {
      record = try await submit(body)
    } catch DatasetError.unknownDataset {
      // Removed since they were looked up: the specification read again says so of itself.
      record = try await submit(body)
    }
    var response = HTTPResponse.json(record.json(), status: .accepted)
    try response.headers.set(.location, text: "/v1/jobs/\(record.id.uuidString.lowercased())")
    return response
  }

  private func submit(_ body: [UInt8]) async throws -> JobRecord {
    let specification = try await onOwnThread {
      try MeasurementSpecification(
        json: JSONValue(parsing: body, limits: .body),
        datasets: DatasetResolver(library: datasets, documents: .clients))
    }
    let dataset = specification.experiment.data.dataset
    let submission = JobSubmission(
      specification: specification.json.text(), name: specification.name, datasetDigest: dataset.digest)
    return try await jobs.submit(submission) { [datasets] in
      if case .stored = dataset.reference, let digest = dataset.digest {
        _ = try datasets.open(digest: digest)
      }
    }
  }

  private func list(_ request: HTTPRequest) async throws -> HTTPResponse {
    let page = try Page(request, known: ["state"])
    var state: JobState?
    if let text = request.query.last(where: { $0.name == "state" })?.value {
      state = JobState(rawValue: text)
      guard state != nil else {
        throw ProblemDocument.query(
          "state", text, allowed: "one of " + JobState.allCases.map(\.rawValue).joined(separator: ", "))
      }
    }
    let records = try await jobs.list(after: page.cursor, limit: page.limit + 1, state: state)
    let items = records.prefix(page.limit)
    return try page.response(
      items.map { $0.json() },
      next: records.count > items.count ? items.last?.sequence : nil,
      request: request)
  }

  /// The job; with every probe in its result once it has one.
  private func describe(_ request: HTTPRequest) async throws -> HTTPResponse {
    let record = try await job(request)
    guard record.result != nil else { return .json(record.json()) }
    let probes = try await jobs.probes(of: record.id, limit: .max)
    return try await onOwnThread { .json(record.json(probes: probes)) }
  }

  private func probes(_ request: HTTPRequest) async throws -> HTTPResponse {
    let page = try Page(request)
    let record = try await job(request)
    let records = try await jobs.probes(of: record.id, after: page.cursor ?? 0, limit: page.limit + 1)
    let items = records.prefix(page.limit)
    return try page.response(
      items.map(\.json), next: records.count > items.count ? items.last?.position : nil, request: request)
  }

  private func cancel(_ request: HTTPRequest) async throws -> HTTPResponse {
    let record = try await job(request)
    switch try await jobs.cancel(record.id) {
    case .done(let record): return .json(record.json())
    case .refused(let state):
      throw ProblemDocument(
        .jobEnded,
        detail: "the job is \(state.rawValue); only a job that has not ended can be cancelled")
    case .notFound: throw ProblemDocument.noJob(record.id.uuidString.lowercased())
    }
  }

  private func job(_ request: HTTPRequest) async throws -> JobRecord {
    let text = request.pathParameters["id"] ?? ""
    guard let id = UUID(uuidString: text), let record = try await jobs.job(id) else {
      throw ProblemDocument.noJob(text)
    }
    return record
  }
}
