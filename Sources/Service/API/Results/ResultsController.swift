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
    router.on(.get, "/v1/jobs/{id}/probes", deadline: Self.deadline) { try await probes($0) }
    router.on(.get, "/v1/jobs/{id}/curve", deadline: Self.deadline) { try await curve($0) }
  }

  /// To find the columns of everything.
  private static let deadline = Duration.seconds(120)

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

  private func allResults(_ filter: JobFilter, _ window: Window, upTo last: Int64) async throws
    -> HTTPResponse
  {
    guard window.format == .csv else {
      return try window.format.response(
        PagedText(head: [], start: window.cursor) { place in
          try await rows(filter, after: place, upTo: last) { $0.ndjson }
        }, named: "results")
    }
    var columns = TableColumns(leading: TableRow.measurementColumns)
    var place = window.cursor
    while true {
      let records = try await jobs.ended(filter, after: place, upTo: last, limit: Self.batch)
      guard let end = records.last?.version else { break }
      place = end
      let found = columns
      columns = try await onOwnThread {
        var found = found
        for record in records { found.add(try Self.row(record)) }
        return found
      }
    }
    let table = CSVText(columns: columns.names)
    return try window.format.response(
      PagedText(head: table.header, start: window.cursor) { place in
        try await rows(filter, after: place, upTo: last) { table.line($0) }
      }, named: "results")
  }

  private func rows(
    _ filter: JobFilter, after place: Int64, upTo last: Int64,
    _ write: @escaping @Sendable (TableRow) -> [UInt8]
  ) async throws -> (bytes: [UInt8], end: Int64)? {
    let records = try await jobs.ended(filter, after: place, upTo: last, limit: Self.batch)
    guard let end = records.last?.version else { return nil }
    let bytes = try await onOwnThread {
      try records.reduce(into: [UInt8]()) { $0 += write(try Self.row($1)) }
    }
    return (bytes, end)
  }

  private static func row(_ record: JobRecord) throws -> TableRow {
    TableRow(measurement: try JSONValue(parsing: record.json().bytes))
  }

  // MARK: Probes

  private func probes(_ request: HTTPRequest) async throws -> HTTPResponse {
    try request.checkParameters(Self.names)
    let id = try request.jobID()
    let window = try Window(request)
    return try await LongPoll(feed).answer(request, about: id) {
      let (records, next) = try await probes(of: id, window)
      return try await onOwnThread {
        if window.format == .json { return try .page(records.map(\.json), next: next, request: request) }
        let rows = try records.map { TableRow(probe: try JSONValue(parsing: $0.json.bytes)) }
        return try Self.page(
          rows, next: next, leading: TableRow.probeColumns, window.format, "probes", request)
      }
    }
  }

  private func curve(_ request: HTTPRequest) async throws -> HTTPResponse {
    try request.checkParameters(Self.names)
    let id = try request.jobID()
    let window = try Window(request)
    return try await LongPoll(feed).answer(request, about: id) {
      let (records, next) = try await probes(of: id, window)
      return try await onOwnThread {
        // A verification has no curve.
        let probes = try records.filter { $0.report != nil && $0.kind == .training }
          .map { try JSONValue(parsing: $0.json.bytes) }
        if window.format == .json {
          return try .page(probes.map { .value(Self.columns($0)) }, next: next, request: request)
        }
        return try Self.page(
          probes.flatMap { TableRow.curve(ofProbe: $0) }, next: next, leading: TableRow.curveColumns,
          window.format,
          "curve", request)
      }
    }
  }

  /// A probe's curve as columns, as its report has it.
  private static func columns(_ probe: JSONValue) -> JSONValue {
    var members: [String: JSONValue] = [:]
    for name in ["digest", "samples", "replicate", "max_steps", "outcome"] {
      members[name] = probe[name] ?? .null
    }
    for name in ["steps", "loss", "training_accuracy"] {
      members[name] = probe["curve"]?[name] ?? .array([])
    }
    return .object(members)
  }

  /// The probes of a window, and where the next begins.
  private func probes(of id: UUID, _ window: Window) async throws -> (records: [ProbeRecord], next: String?) {
    guard try await jobs.version(of: id) != nil else { throw ProblemDocument.noJob(id.shown) }
    if let limit = window.limit {
      let records = try await jobs.probes(of: id, after: window.cursor, limit: limit + 1)
      let shown = Array(records.prefix(limit))
      return (shown, records.count > limit ? shown.last.map { String($0.position) } : nil)
    }
    var all: [ProbeRecord] = []
    while true {
      let records = try await jobs.probes(
        of: id, after: all.last?.position ?? window.cursor, limit: Self.batch)
      all += records
      if records.count < Self.batch { return (all, nil) }
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
