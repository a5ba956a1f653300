import Capacity
import Foundation
import HTTPServer
import Persistence

/// The routes that give results as tables: a row a measurement, a probe, or a recorded epoch; for spreadsheets, notebooks and
/// dashboards. JSON comes in pages; lines and CSV are the whole, unless a limit is given.
struct ResultsController: Sendable {
  let jobs: JobStore
  let feed: JobFeed?

  /// Rows of a page of JSON.
  private static let limits = 1...1_000
  /// Rows that are read at a time.
  private static let batch = 200

  func register(on router: inout Router) {
    router.on(.get, "/v1/results", deadline: Self.deadline) { try await results($0) }
    router.on(.get, "/v1/jobs/{id}/probes", deadline: Self.deadline) { try await probes($0, as: .probes) }
    router.on(.get, "/v1/jobs/{id}/curve", deadline: Self.deadline) { try await probes($0, as: .curves) }
  }

  /// To find the columns of everything, of up to a hundred thousand probes.
  private static let deadline = Duration.seconds(600)

  private struct Window {
    let format: TableFormat
    /// Nil: everything.
    let limit: Int?
    let cursor: Int64

    init(_ request: HTTPRequest) throws(ProblemDocument) {
      format = try TableFormat(request)
      let limit = try request.parameter("limit", in: ResultsController.limits)
      self.limit = limit ?? (format == .json ? 50 : nil)
      let text = try request.cursorPosition() ?? "0"
      guard let cursor = PlainNumber.parse(text).map(Int64.init) else { throw .cursor(text) }
      self.cursor = cursor
    }
  }

  private static let names: Set<String> = ["format", "limit", "cursor", "wait"]

  // MARK: Measurements

  private func results(_ request: HTTPRequest) async throws -> HTTPResponse {
    try request.checkParameters(
      JobQuery.filterNames.union(Self.names), repeatable: JobQuery.repeatable)
    let filter = try JobQuery.filter(request, states: JobFilter.ended)
    let window = try Window(request)
    return try await LongPoll(feed).answer(request) {
      // What has ended never changes: up to a version the rows are the same on every reading.
      let last = try await jobs.latestVersion()
      guard let limit = window.limit else { return try await allResults(filter, window, upTo: last) }
      let records = try await jobs.ended(filter, after: window.cursor, upTo: last, limit: limit + 1)
      let shown = Array(records.prefix(limit))
      let next = records.count > limit ? shown.last.map { String($0.version) } : nil
      return try await onOwnThread {
        try Self.page(
          try shown.map(Self.row), next: next, leading: TableRow.measurementColumns, window.format, "results",
          request)
      }
    }
  }

  private func allResults(
    _ filter: JobFilter, _ window: Window, upTo last: Int64
  ) async throws -> HTTPResponse {
    try await window.format.whole(
      named: "results", leading: TableRow.measurementColumns, after: window.cursor
    ) { place in
      let records = try await jobs.ended(filter, after: place, upTo: last, limit: Self.batch)
      return records.last.map { end in
        TableBatch(end: end.version) { body in
          for record in records { body(try Self.row(record)) }
        }
      }
    }
  }

  private static func row(_ record: JobRecord) throws -> TableRow {
    TableRow(measurement: try JSONValue(parsing: record.json().bytes))
  }

  // MARK: Probes

  /// Probes that fit a batch, or a limit, are one answer with a tag; more of them come in pieces and have none.
  private func probes(_ request: HTTPRequest, as table: ProbeTable) async throws -> HTTPResponse {
    try request.checkParameters(Self.names)
    let id = try request.jobID()
    let window = try Window(request)
    return try await LongPoll(feed).answer(request, about: id) {
      guard try await jobs.version(of: id) != nil else { throw ProblemDocument.noJob(id.shown) }
      let limit = window.limit ?? Self.batch
      let records = try await jobs.probes(of: id, after: window.cursor, limit: limit + 1)
      if window.limit == nil, records.count > limit {
        return try await allProbes(of: id, as: table, window)
      }
      let shown = Array(records.prefix(limit))
      let next = records.count > limit ? shown.last.map { String($0.position) } : nil
      return try await onOwnThread {
        guard window.format != .json else {
          return try .page(try shown.compactMap(table.item), next: next, request: request)
        }
        return try Self.page(
          try shown.flatMap(table.rows), next: next, leading: table.columns, window.format, table.name,
          request)
      }
    }
  }

  private func allProbes(
    of id: UUID, as table: ProbeTable, _ window: Window
  ) async throws -> HTTPResponse {
    try await window.format.whole(
      named: table.name, leading: table.columns, hasOthers: table.hasOthers, after: window.cursor
    ) { place in
      let records = try await jobs.probes(of: id, after: place, limit: Self.batch)
      return records.last.map { end in
        TableBatch(end: end.position) { body in
          for record in records { for row in try table.rows(record) { body(row) } }
        }
      }
    }
  }

  // MARK: Answers

  /// Rows that are all there, in any format; the address of the next page stands in `Link`.
  private static func page(
    _ rows: [TableRow], next: String?, leading: [String], _ format: TableFormat, _ name: String,
    _ request: HTTPRequest
  ) throws -> HTTPResponse {
    var response: HTTPResponse
    switch format {
    case .json: return try .page(rows.map { .value($0.json) }, next: next, request: request)
    case .ndjson: response = try format.response(rows.reduce(into: []) { $0 += $1.ndjson }, named: name)
    case .csv: response = try format.response(CSVText.table(rows, leading: leading), named: name)
    }
    if let next {
      response.headers.set(.link, request.link("next", replacing: [("cursor", request.cursor(at: next))]))
    }
    return response
  }
}
