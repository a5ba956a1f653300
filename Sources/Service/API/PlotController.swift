import Capacity
import Foundation
import HTTPServer
import Persistence

/// `/v1/jobs/{id}/plot.svg`: a job's picture, of its result or of the probes that have ended so far.
struct PlotController: Sendable {
  let jobs: JobStore
  /// Pictures that are being drawn at the same time: the reports of many probes are large.
  let drawings = Budget(2, for: "drawing as many pictures as it can")

  func register(on router: inout Router) {
    router.on(.get, "/v1/jobs/{id}/plot.svg", parameters: []) { try await plot($0) }
  }

  private func plot(_ request: HTTPRequest) async throws -> HTTPResponse {
    let id = try request.jobID()
    guard let record = try await jobs.job(id) else { throw ProblemDocument.noJob(id.shown) }
    return try await drawings.holding(1) {
      guard let reports = try await jobs.reports(of: id, at: try await jobs.reportPlaces(of: id)) else {
        throw ProblemDocument.noJob(id.shown)
      }
      // What a race's runs chose is not in the reports.
      let rows = record.result == nil ? try await jobs.rows(of: id) : []
      return try await onOwnThread {
        .svg(try MeasurementFigure(record.document(reports, rows)).svg)
      }
    }
  }
}

extension HTTPResponse {
  /// A picture that stands for itself: whoever opens it by its address gets no script run and nothing fetched. Its tag is
  /// that of its content.
  static func svg(_ text: String) -> HTTPResponse {
    let bytes = Array(text.utf8)
    var response = HTTPResponse(contentType: "image/svg+xml", bytes: bytes)
    response.headers.set(.etag, EntityTag(contentDigest(of: bytes)).fieldValue)
    response.headers.set(.cacheControl, "no-cache")
    response.headers.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
    response.headers.set("X-Content-Type-Options", "nosniff")
    return response
  }
}

extension JobRecord {
  /// The job with its result; where it has none yet, with what these rows tell so far.
  ///
  /// - Parameter reports: of the probes that are drawn.
  fileprivate func document(_ reports: [String], _ rows: [ProbeRow]) throws -> JSONValue {
    let specification = try JSONValue(parsing: specification.utf8)
    let probes = try reports.map { try JSONValue(parsing: $0.utf8) }
    var result: [String: JSONValue] = [:]
    if let stored = self.result, case .object(let members) = try JSONValue(parsing: stored.utf8) {
      result = members
    } else if let plan = try RecordedJob(self).plan,
      case .object(let members) = plan.result(rows.map { ProbeObservation($0, in: plan) }).json
    {
      result = members
    }
    result["probes"] = .array(probes)
    return .object([
      "name": name.map(JSONValue.string) ?? .null, "state": .string(state.rawValue),
      "specification": specification, "result": .object(Self.unknown.merging(result) { $1 }),
    ])
  }

  /// What a result says where nothing is known: of a job whose data no process has yet.
  private static let unknown: [String: JSONValue] = ["emc": .null, "interval": .object([:])]
}
