import Capacity
import Datasets
import Foundation
import HTTPServer
import Persistence

/// The routes of jobs.
struct JobsController: Sendable {
  let jobs: JobStore
  let datasets: DatasetLibrary
  let keys: IdempotencyKeys
  /// Bytes that the probes of a job may take by themselves.
  let memoryLimit: Int
  /// Bytes of the bodies that are being read at the same time.
  let bodies = Budget(32 << 20)
  /// Documents that are being decoded at the same time: a tree in memory is many times the size of its text.
  let decoders = Budget(2)

  func register(on router: inout Router) {
    router.on(.post, "/v1/jobs", parameters: []) { try await submit($0) }
    router.on(.get, "/v1/jobs") { try await list($0) }
    router.on(.get, "/v1/jobs/{id}", parameters: []) { try await describe($0) }
    router.on(.get, "/v1/jobs/{id}/probes") { try await probes($0) }
    router.on(.post, "/v1/jobs/{id}/cancel", parameters: []) { try await cancel($0) }
  }

  /// 202 with the job; 400 when the body is not JSON, 422 with every fault when it can't be run. With an
  /// `Idempotency-Key` the same request again has the same answer, and no second job.
  private func submit(_ request: HTTPRequest) async throws -> HTTPResponse {
    let key = try IdempotencyKey(request, route: "POST /v1/jobs")
    // A body of unknown length may become as long as it is allowed to.
    let length = min(request.body.declaredLength ?? request.body.limit, request.body.limit)
    return try await bodies.holding(length) {
      let body = try await request.collectJSON()
      guard let key else { return try await submitUnlessRemoved(body, nil) }
      switch try await keys.begin(key.text, requestDigest: contentDigest(of: body)) {
      case .answered(let answer): return try HTTPResponse(answer)
      case .inFlight: throw ProblemDocument.requestInFlight(key)
      case .otherRequest: throw ProblemDocument.keyOfAnotherRequest(key)
      case .begun(let reservation):
        do {
          return try await submitUnlessRemoved(body, reservation)
        } catch {
          // Whatever it was, it is no answer to keep. Where the job was stored all the same, its answer was too, and
          // stays.
          try? await keys.release(reservation)
          throw error
        }
      }
    }
  }

  private func submitUnlessRemoved(
    _ body: [UInt8], _ reservation: IdempotencyKeys.Reservation?
  ) async throws -> HTTPResponse {
    do {
      return try await submit(body, reservation)
    } catch DatasetError.unknownDataset {
      // Removed since they were looked up: the specification read again says so of itself.
      return try await submit(body, reservation)
    } catch DatabaseError.connectionLost(_, mayHaveCommitted: true) {
      throw ProblemDocument.submissionUnknown(hasKey: reservation != nil)
    }
  }

  private func submit(
    _ body: [UInt8], _ reservation: IdempotencyKeys.Reservation?
  ) async throws -> HTTPResponse {
    let admission = try await decoders.holding(1) {
      try await onOwnThread {
        try Admission(
          json: JSONValue(parsing: body, limits: .body),
          datasets: DatasetResolver(library: datasets, documents: .clients), memoryLimit: memoryLimit)
      }
    }
    let dataset = admission.specification.experiment.data.dataset
    let record = try await jobs.submit(JobSubmission(admission)) { [datasets] in
      if case .stored = dataset.reference, let digest = dataset.digest {
        _ = try datasets.open(digest: digest)
      }
    } andThen: { record, session in
      if let reservation { try keys.answer(reservation, with: Self.answer(record), session) }
    }
    return try HTTPResponse(Self.answer(record))
  }

  private static func answer(_ record: JobRecord) -> StoredAnswer {
    StoredAnswer(
      status: HTTPStatus.accepted.code, location: "/v1/jobs/\(record.id.uuidString.lowercased())",
      body: String(decoding: record.json().bytes, as: UTF8.self))
  }

  private func list(_ request: HTTPRequest) async throws -> HTTPResponse {
    let page = try Page(request, known: ["state"])
    var state: JobState?
    if let text = page.parameters["state"] {
      state = JobState(rawValue: text)
      guard state != nil else {
        throw ProblemDocument.query(
          "state", text, allowed: "one of " + JobState.allCases.map(\.rawValue).joined(separator: ", "))
      }
    }
    let records = try await jobs.list(after: page.cursor, limit: page.limit + 1, state: state)
    let items = records.prefix(page.limit)
    return try await onOwnThread {
      try page.response(
        items.map { $0.json() }, next: records.count > items.count ? items.last?.sequence : nil,
        request: request)
    }
  }

  /// The job; with every probe in its result once it has one.
  private func describe(_ request: HTTPRequest) async throws -> HTTPResponse {
    let record = try await job(request)
    guard record.result != nil else { return .json(record.json()) }
    let reports = try await jobs.reports(of: record.id)
    return try await onOwnThread { .json(record.json(reports: reports)) }
  }

  private func probes(_ request: HTTPRequest) async throws -> HTTPResponse {
    let page = try Page(request)
    let record = try await job(request)
    let records = try await jobs.probes(of: record.id, after: page.cursor ?? 0, limit: page.limit + 1)
    let items = records.prefix(page.limit)
    return try await onOwnThread {
      try page.response(
        items.map(\.json), next: records.count > items.count ? items.last?.position : nil, request: request)
    }
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

extension JobSubmission {
  /// A job as it was admitted, with all that it keeps to.
  init(_ admission: Admission) {
    let (specification, terms) = (admission.specification, admission.terms)
    self.init(
      specification: specification.json.text(), name: specification.name,
      datasetDigest: terms.dataset?.digest,
      admission: JobAdmission(terms))
    if terms.dataset == nil {
      waitingFor =
        "the data set \(specification.experiment.data.dataset.reference.name): the first process that trains fetches it"
    }
  }
}
