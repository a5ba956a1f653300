import Capacity
import Foundation
import Testing

/// Tables of results: columns, and texts that other programs read.
@Suite struct TableRowTests {
  private static let job = """
    {"id": "0190", "name": "a \\"b\\", c", "state": "succeeded", "labels": {"project": "x"}, "waiting_for": null,
     "progress": {"probes_finished": 9}, "error": null, "created_at": "2026-01-01T00:00:00.000Z",
     "specification": {"name": "a", "seed": 7, "model": {"kind": "mlp", "hidden_layers": [64, 32]}, "training": {}},
     "result": {"emc": 40, "interval": {"lower": 35, "upper": null, "level": 0.9}, "bounded_by": "budget",
       "budget": {"settled": false, "steps": 400, "growth_per_doubling": null},
       "fit_probability": {"scale": 0.25, "curve": {"samples": [1, 2]}}, "tuning": null,
       "probes": [{"samples": 1}]}}
    """

  @Test func aMeasurementIsOneRow() throws {
    let row = TableRow(
      measurement: try JSONValue(parsing: Self.job.utf8), leading: [("cell", .integer(3))])
    let expected: [String: JSONValue] = [
      "cell": .integer(3), "id": .string("0190"), "name": .string("a \"b\", c"),
      "state": .string("succeeded"),
      "emc": .integer(40), "interval.lower": .integer(35), "interval.upper": .null,
      "interval.level": .number(0.9), "settled": .bool(false), "bounded_by": .string("budget"),
      "budget.steps": .integer(400), "budget.growth_per_doubling.value": .null,
      "fit_probability.scale": .number(0.25),
      "labels.project": .string("x"), "specification.seed": .integer(7),
      "specification.model.kind": .string("mlp"), "specification.model.hidden_layers": .string("[64,32]"),
      "specification.training": .string("{}"), "error": .null,
    ]
    for (column, value) in expected { #expect(row[column] == value, "\(column)") }
    #expect(row.cells.prefix(38).map(\.column) == ["cell"] + TableRow.measurementColumns)
    for absent in [
      "budget.settled", "budget.growth_per_doubling", "specification.name", "progress", "probes",
    ] {
      #expect(row[absent] == nil, "\(absent)")
    }
    #expect(!row.cells.contains { $0.column.contains("curve") || $0.column.contains("probes_finished") })
    #expect(Set(row.cells.map(\.column)).count == row.cells.count)
  }

  /// Hundreds of a race's probes have no place in a cell; who won has.
  @Test func aRacesProbesAreNoColumn() throws {
    let tuning =
      #""tuning": {"finished": true, "winner": {"values": {"/seed": 3}}, "probes": [{"samples": 1}]}"#
    let job = Self.job.replacing(#""tuning": null"#, with: tuning)
    let row = TableRow(measurement: try JSONValue(parsing: job.utf8))
    #expect(row["tuning.finished"] == .bool(true) && row["tuning.probes"] == nil)
    #expect(row.cells.contains { $0.column.hasPrefix("tuning.winner.values") && $0.value == .integer(3) })
  }

  /// What the command line prints has the result's members beside the specification: the same columns with the same values.
  @Test func aPrintedResultHasTheSameColumns() throws {
    let job = try JSONValue(parsing: Self.job.utf8)
    let specification = try #require(job["specification"])
    let printed = try #require(job["result"]).merging(.object(["specification": specification]))
    let row = TableRow(measurement: printed)
    #expect(row["emc"] == .integer(40) && row["settled"] == .bool(false))
    #expect(row["name"] == .string("a") && row["id"] == .null)
    #expect(row["specification.model.kind"] == .string("mlp"))
  }

  @Test func columnsAreThoseOfAllRowsWhateverTheirOrder() throws {
    func row(_ text: String) throws -> TableRow {
      TableRow(measurement: try JSONValue(parsing: text.utf8))
    }
    let rows = [
      try row(#"{"state": "failed", "specification": {"seed": 1, "b": 2}, "result": null, "tuning": null}"#),
      try row(
        #"{"specification": {"a": {"x": 1}}, "labels": {"z": "1"}, "result": {"tuning": {"rate": 1}}}"#),
      try row(#"{"specification": {}, "result": {"only_null": null}}"#),
    ]
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
      var columns = TableColumns(leading: TableRow.measurementColumns)
      for index in order { columns.add(rows[index]) }
      #expect(
        columns.names == TableRow.measurementColumns + [
          "only_null", "tuning.rate", "labels.z", "specification.a.x", "specification.b",
          "specification.seed",
        ])
    }
  }

  /// RFC 4180 by its own examples, and fields as they are.
  @Test func fieldsAreQuotedWhereTheyMustBe() throws {
    var row = TableRow()
    for (index, value) in [
      JSONValue.string("aaa"), .string("b\"bb"), .string("b\r\nb"), .string("c,c"), .string(""), .null,
      .string("=1+1"), .string("-x"), .string("@a,b"), .string(" ü "), .integer(-3), .number(1e-7),
      .number(0.1),
      .bool(true),
    ].enumerated() { row.add("c\(index)", value) }
    let text = CSVText.table([row], leading: [])
    let fields =
      #"aaa,"b""bb","b\#r\#nb","c,c","",,=1+1,-x,"@a,b", ü ,-3,1e-07,0.1,true"#
    let names = row.cells.map(\.column).sorted().joined(separator: ",")
    let lines = String(decoding: text, as: UTF8.self)
    #expect(lines.hasPrefix(names + "\r\n") && lines.hasSuffix("\r\n"))
    let order = row.cells.map(\.column).sorted().map { Int($0.dropFirst()) ?? 0 }
    // By position, since columns are in the order of their names.
    let inOrder = CSVText(columns: row.cells.map(\.column)).line(row)
    #expect(String(decoding: inOrder, as: UTF8.self) == fields + "\r\n")
    #expect(order.count == 14)
  }

  @Test func aLineOfNDJSONIsTheRow() throws {
    let row = TableRow(measurement: try JSONValue(parsing: Self.job.utf8))
    let line = row.ndjson
    #expect(line.last == 0x0A && line.dropLast().allSatisfy { $0 != 0x0A })
    #expect(try JSONValue(parsing: line) == row.json)
  }

  @Test func aProbeIsARowAndItsCurveSeveral() throws {
    let probe = try JSONValue(
      parsing: #"""
        {"digest": "ab", "state": "finished", "samples": 9, "replicate": 1, "outcome": "fit", "steps": 20,
         "curvature": {"smallest_eigenvalue": 0.5}, "reached": [{"steps": 3}],
         "curve": {"steps": [10, 20], "loss": [1.5, null], "training_accuracy": [0.5, 1]}}
        """#.utf8)
    let row = TableRow(probe: probe)
    #expect(row["curvature.smallest_eigenvalue"] == .number(0.5) && row["outcome"] == .string("fit"))
    #expect(row["reached"] == .string(#"[{"steps":3}]"#) && row["curve"] == nil && row["reason"] == .null)
    let points = TableRow.curve(ofProbe: probe)
    #expect(points.map { $0.cells.map(\.column) } == [TableRow.curveColumns, TableRow.curveColumns])
    #expect(points.map { $0["steps"] } == [.integer(10), .integer(20)])
    #expect(points.map { $0["loss"] } == [.number(1.5), .null])
    #expect(points.allSatisfy { $0["digest"] == .string("ab") && $0["samples"] == .integer(9) })
    #expect(TableRow.curve(ofProbe: .object([:])).isEmpty)
  }
}
