import Capacity
import HTTPServer
import Persistence

/// What is told of a job's probes: as items of JSON, and as rows.
struct ProbeTable: Sendable {
  /// Of the file, where a browser stores it.
  let name: String
  /// The columns that come first.
  let columns: [String]
  /// Whether rows may have further ones.
  let hasOthers: Bool
  /// Nil: nothing is told of that probe.
  let item: @Sendable (ProbeRecord) throws -> JSONText?
  let rows: @Sendable (ProbeRecord) throws -> [TableRow]

  /// A row a probe.
  static let probes = ProbeTable(
    name: "probes", columns: TableRow.probeColumns, hasOthers: true, item: { $0.json },
    rows: { [TableRow(probe: try JSONValue(parsing: $0.json.bytes))] })

  /// A row a recorded epoch of a training run; JSON has a probe's in columns, as its report does.
  static let curves = ProbeTable(
    name: "curve", columns: TableRow.curveColumns, hasOthers: false,
    item: { record in try Self.trained(record).map { .value(Self.curve(of: $0)) } },
    rows: { record in try Self.trained(record).map { TableRow.curve(ofProbe: $0) } ?? [] })

  /// A verification has no curve.
  private static func trained(_ record: ProbeRecord) throws -> JSONValue? {
    guard record.report != nil, record.kind == .training else { return nil }
    return try JSONValue(parsing: record.json.bytes)
  }

  private static func curve(of probe: JSONValue) -> JSONValue {
    var members: [String: JSONValue] = [:]
    for name in ["digest", "samples", "replicate", "max_steps", "outcome"] {
      members[name] = probe[name] ?? .null
    }
    for name in ["steps", "loss", "training_accuracy"] {
      members[name] = probe["curve"]?[name] ?? .array([])
    }
    return .object(members)
  }
}
