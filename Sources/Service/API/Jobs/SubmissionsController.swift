import Capacity
import Datasets
import Foundation
import HTTPServer
import Logging
import Persistence

/// The routes that make jobs: one or many from documents, and one from another.
struct SubmissionsController: Sendable {
  let jobs: JobStore
  let datasets: DatasetLibrary
  let keys: IdempotencyKeys
  let tokens: TokenStore
  let webhooks: WebhookStore
  let sender: WebhookSender
  /// Bytes that the probes of a job may take by themselves.
  let memoryLimit: Int
  /// Probes that this process trains at once.
  let workers: Int
  let logger: Logger
  /// Documents that are being decoded at the same time: a tree in memory is many times the size of its text.
  let decoders = Budget(2)
  /// Costs that are being foretold at the same time, of studies too.
  let forecasts: Budget

  /// Bytes of a body.
  static let bodyLimit = 8 << 20

  func register(on router: inout Router) {
    router.on(.post, "/v1/jobs", parameters: ["dry_run"]) { request in
      if try request.flag("dry_run") { return try await forecast(request) }
      return try await submit(request, route: "POST /v1/jobs") { try SubmittedDocuments($0, request) }
    }
    router.on(.post, "/v1/jobs/{id}/clone", parameters: []) { try await clone($0) }
    router.on(.post, "/v1/jobs/{id}/retry", parameters: [], takesContent: false) { try await retry($0) }
  }

  /// 202 with a job like another but for the changes of a merge patch (RFC 7396). They are made to what the job says beyond
  /// the defaults: what follows from a member, as the warm-up does from the steps, follows its change.
  private func clone(_ request: HTTPRequest) async throws -> HTTPResponse {
    let source = try await source(request)
    return try await submit(request, route: "POST /v1/jobs/\(source.id.shown)/clone") { body in
      let patch = body.isEmpty ? .object([:]) : try JSONValue(parsing: body, limits: .body)
      guard case .object = patch else {
        throw SpecificationError(faults: [
          SpecificationFault(
            pointer: "", value: patch, allowed: "an object, a merge patch of the job's specification",
            detail: "is no merge patch of an object")
        ])
      }
      let document = try source.document(RecordedJob(source).essential)
      return SubmittedDocuments(document.merging(patch), source: source.id)
    }
  }

  /// 202 with a job like one that failed or was cancelled. What it had measured needs no training again.
  private func retry(_ request: HTTPRequest) async throws -> HTTPResponse {
    let source = try await source(request)
    guard source.state == .failed || source.state == .cancelled else {
      throw ProblemDocument(
        .jobState,
        detail: "the job is \(source.state.rawValue); only a job that failed or was cancelled can be retried",
        extensions: ["state": source.state.rawValue])
    }
    return try await submit(request, route: "POST /v1/jobs/\(source.id.shown)/retry") { _ in
      let document = try source.document(JSONValue(parsing: source.specification.utf8))
      return SubmittedDocuments(document, source: source.id)
    }
  }

  private func source(_ request: HTTPRequest) async throws -> JobRecord {
    let id = try request.jobID()
    guard let record = try await jobs.job(id) else { throw ProblemDocument.noJob(id.shown) }
    return record
  }

  /// 202 with the job, or with the jobs; 400 when the body is not JSON, 422 with every fault when one can't be run, and then
  /// none is stored. With an `Idempotency-Key` the same request again has the same answer, and makes no second job.
  private func submit(
    _ request: HTTPRequest, route: String, _ read: @escaping @Sendable ([UInt8]) throws -> SubmittedDocuments
  ) async throws -> HTTPResponse {
    let key = try IdempotencyKey(request, route: route)
    let body = try await SubmittedDocuments.collect(request, upTo: Self.bodyLimit)
    let submission = Submission(request: request, body: body, read: read)
    return try await keys.once(key, body) { try await submitUnlessRemoved(submission, $0) }
  }

  private struct Submission: Sendable {
    let request: HTTPRequest
    let body: [UInt8]
    let read: @Sendable ([UInt8]) throws -> SubmittedDocuments
  }

  private func submitUnlessRemoved(
    _ submission: Submission, _ reservation: IdempotencyKeys.Reservation?
  ) async throws -> HTTPResponse {
    do {
      return try await submit(submission, reservation)
    } catch DatasetError.unknownDataset {
      // Removed since they were looked up: the specification read again says so of itself.
      return try await submit(submission, reservation)
    } catch let error as DatabaseError where error.mayHaveCommitted {
      throw ProblemDocument.submissionUnknown(hasKey: reservation != nil)
    }
  }

  private func submit(
    _ submission: Submission, _ reservation: IdempotencyKeys.Reservation?
  ) async throws -> HTTPResponse {
    let (documents, admitted) = try await decoders.holding(1) {
      try await onOwnThread {
        let documents = try submission.read(submission.body)
        let resolver = DatasetResolver(library: datasets, documents: .clients)
        return (documents, try documents.admit(resolver, memoryLimit: memoryLimit, sender: sender))
      }
    }
    let admissions = admitted.map(\.admission)
    let submissions = admissions.map { admission in
      var job = JobSubmission(admission)
      job.requestID = submission.request.id.isEmpty ? nil : submission.request.id
      job.traceParent = submission.request.traceParent
      job.source = documents.source
      return job
    }
    let stored = Set(
      admissions.compactMap { admission in
        let dataset = admission.specification.experiment.data.dataset
        if case .stored = dataset.reference { return dataset.digest }
        return nil
      })
    let isList = documents.isList
    let records = try await jobs.submit(submissions) { [datasets] in
      for digest in stored { _ = try datasets.open(digest: digest) }
    } andThen: { records, session in
      for (record, admitted) in zip(records, admitted) {
        for hook in admitted.webhooks {
          try webhooks.create(url: hook.url, secret: hook.secret ?? "", job: record.id, session)
        }
      }
      if let token = submission.request.identity.tokenID {
        try tokens.charge(token, forJobs: records.map(\.id), session)
      }
      if let reservation {
        try keys.answer(reservation, with: Self.answer(records, isList: isList), session)
      }
    }
    for record in records {
      var metadata: Logger.Metadata = [
        "job": "\(record.id.shown)", "request-id": "\(record.requestID ?? "")",
      ]
      if let traceParent = record.traceParent { metadata["traceparent"] = "\(traceParent)" }
      logger.info("job submitted", metadata: metadata)
    }
    return try await onOwnThread { try HTTPResponse(Self.answer(records, isList: isList)) }
  }

  private static func answer(_ records: [JobRecord], isList: Bool) -> StoredAnswer {
    let text =
      isList ? JSONText.object(["items": .array(records.map { $0.json() })]) : records[0].json()
    return StoredAnswer(
      status: HTTPStatus.accepted.code, location: isList ? nil : "/v1/jobs/\(records[0].id.shown)",
      body: String(decoding: text.bytes, as: UTF8.self))
  }
}

extension JobRecord {
  /// A specification with the job's options: what it can be submitted again by.
  fileprivate func document(_ specification: JSONValue) throws -> JSONValue {
    let options = JSONValue.object([
      "labels": try JSONValue(parsing: labels.utf8), "priority": .integer(priority),
    ])
    return specification.merging(.object(["job": options]))
  }
}

extension JobSubmission {
  /// A job as it was admitted, with all that it keeps to.
  init(_ admission: Admission) {
    let (specification, terms) = (admission.specification, admission.terms)
    self.init(
      specification: specification.json.text(), name: specification.name,
      datasetDigest: terms.dataset?.digest, admission: JobAdmission(terms),
      labels: JSONValue.object(admission.options.labels.mapValues(JSONValue.string)).text(),
      priority: admission.options.priority)
    if terms.dataset == nil {
      waitingFor =
        "the data set \(specification.experiment.data.dataset.reference.name): the first process that trains fetches it"
    }
  }
}
