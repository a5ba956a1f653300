import Capacity
import Datasets
import Foundation
import HTTPServer
import Persistence

/// What clients ask of a study that is there.
extension StudiesController {
  func change(
    _ request: HTTPRequest, _ word: String, _ body: (UUID) async throws -> StudyChange
  ) async throws -> HTTPResponse {
    let record = try await study(request)
    switch try await body(record.id) {
    case .done(let record): return .json(record.json)
    case .refused(let record):
      throw ProblemDocument(
        .studyState,
        detail: "the study is \(record.state.rawValue): none of its jobs can be \(word)",
        extensions: ["state": record.state.rawValue])
    case .notFound: throw ProblemDocument.noStudy(record.id.shown)
    }
  }

  func delete(_ request: HTTPRequest) async throws -> HTTPResponse {
    let record = try await study(request)
    switch try await studies.delete(record.id) {
    case .done: return HTTPResponse(status: .noContent)
    case .refused(let record):
      throw ProblemDocument(
        .studyState, detail: "the study is \(record.state.rawValue); only one that has ended can be deleted",
        extensions: ["state": record.state.rawValue])
    case .notFound: throw ProblemDocument.noStudy(record.id.shown)
    }
  }

  /// 202 with the study: more values, or a search that asks for more; 200 with its cells where it is only to be checked. Jobs that
  /// are what they were, and can still give their result, stay; what the others had trained needs no training again.
  func extend(_ request: HTTPRequest) async throws -> HTTPResponse {
    let isDryRun = try request.flag("dry_run")
    let record = try await study(request)
    let id = record.id.shown
    let key = try IdempotencyKey(request, route: "POST /v1/studies/\(id)/extend")
    if isDryRun {
      let (admission, _, added) = try await extended(record, by: request.collectJSON())
      return try await forecast(admission, of: added, request)
    }
    let body = try await request.collectJSON()
    // What was read before the key was taken may be what another request with it has extended since.
    return try await keys.once(key, body) { try await extend(study(request), body, request, $0) }
  }

  /// The extended study, the places of the jobs that stay, and the cells that take new ones.
  private func extended(
    _ record: StudyRecord, by body: [UInt8]
  ) async throws -> (admission: StudyAdmission, kept: [UUID: Int], added: [StudyCell]) {
    let cells = try await studies.cells(of: record.id)
    return try await decoders.holding(1) {
      try await onOwnThread {
        let study = try record.study()
        let usable = cells.filter { ![.cancelled, .failed].contains($0.job.state) }
        let admission = try StudyAdmission(
          extending: study, source: record.source, by: JSONValue(parsing: body, limits: .body),
          isIncomplete: usable.count < study.positions.count,
          datasets: DatasetResolver(library: datasets, documents: .clients), memoryLimit: memoryLimit)
        let known = try Dictionary(
          usable.map { cell in
            var specification = try MeasurementSpecification(
              recorded: JSONValue(parsing: cell.job.specification.utf8))
            specification.name = nil
            return (specification, cell.job.id)
          }
        ) { first, _ in first }
        var kept: [UUID: Int] = [:]
        for cell in admission.cells {
          var specification = cell.specification
          specification.name = nil
          if let job = known[specification] { kept[job] = cell.index }
        }
        let places = Set(kept.values)
        return (admission, kept, admission.cells.filter { !places.contains($0.index) })
      }
    }
  }

  private func extend(
    _ record: StudyRecord, _ body: [UInt8], _ request: HTTPRequest,
    _ reservation: IdempotencyKeys.Reservation?
  ) async throws -> HTTPResponse {
    let (admission, kept, added) = try await extended(record, by: body)
    let study = try record.study()
    let change = try await studies.extend(
      record.id, revision: record.revision, specification: admission.specification.json.text(), kept: kept,
      added: added.map {
        (
          $0.index, study.place(of: $0.positions),
          JobSubmission($0.admission, ofStudy: record.id, by: request)
        )
      }
    ) { [datasets] in
      try added.confirm(in: datasets)
    } andThen: { record, jobs, session in
      try charge(request, for: jobs, session)
      if let reservation { try keys.answer(reservation, with: Self.answer(record), session) }
    }
    switch change {
    case .done(let record): return .json(record.json, status: .accepted)
    case .refused(let record):
      throw ProblemDocument(
        .studyState, detail: "the study was extended by another request meanwhile; read it and try again",
        extensions: ["state": record.state.rawValue])
    case .notFound: throw ProblemDocument.noStudy(record.id.shown)
    }
  }
}
