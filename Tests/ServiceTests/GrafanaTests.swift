import Capacity
import Foundation
import Persistence
import Service
import Testing

/// `grafana/emc.json`: every query of its panels asks for what there is.
@Suite struct GrafanaTests {
  /// Every name in a query of Prometheus is a metric that there is, and each metric of the service's own is looked at somewhere.
  @Test func panelsShowEveryMetric() throws {
    var names: Set<String> = []
    for metric in MetricDeclaration.all {
      names.insert(metric.name)
      if metric.kind == .histogram {
        for suffix in ["_bucket", "_sum", "_count"] { names.insert(metric.name + suffix) }
      }
    }
    let dashboard = try GrafanaDashboard()
    #expect(dashboard.expressions.count >= 12)
    for query in dashboard.expressions {
      let asked = query.matches(of: /\b(emc|process)_[a-z_]+/).map { String($0.0) }
      #expect(!asked.isEmpty, "\(query)")
      for name in asked { #expect(names.contains(name), "\(name) in \(query)") }
    }
    for metric in MetricDeclaration.all where metric.name.hasPrefix("emc_") && metric.name != "emc_build_info"
    {
      #expect(dashboard.expressions.contains { $0.contains(metric.name) }, "\(metric.name) is on no panel")
    }
  }

  /// The reader's role runs every statement and gets what the job has: points with a time, a series' name and a number.
  @Test func statementsRunForTheReaderAlone() async throws {
    try await withService(workers: 1) { service in
      let id = try await JobChangeTests.submit(service, 61)
      let job = try await service.finished(id)
      let emc = try #require(job["result"]?["emc"]?.integerValue)
      let probes = try #require(job["result"]?["probes"]?.arrayValue)
      let statements = try GrafanaDashboard().statements
      #expect(statements.count == 3)
      try await service.database.withConnection { session in
        try session.query(Statement("role", "SET ROLE emc_reader"))
        defer { _ = try? session.query(Statement("role", "RESET ROLE")) }
        for statement in statements {
          let rows = try session.query(Statement("panel", statement.withoutMacros))
          #expect(rows.count > 0, "\(statement.text)")
          for row in rows where statement.format == "time_series" {
            #expect(try row.value("metric", as: String.self) != "")
          }
          switch statement.title {
          case "EMC, by model and data set":
            #expect(try rows[0].value("emc", as: Int.self) == emc)
            #expect(try rows[0].value("metric", as: String.self) == "linear on gaussian")
          case "Ended probes, by outcome":
            #expect(try rows.map { try $0.value("probes", as: Int.self) }.reduce(0, +) == probes.count)
          default:
            #expect(try rows[0].value("interval_lower", as: Int.self) <= emc)
          }
        }
      }
    }
  }
}

/// The queries of the dashboard's panels.
struct GrafanaDashboard {
  struct PanelStatement {
    var title: String
    var format: String
    var text: String

    /// With Grafana's macros written out as its PostgreSQL source does, for the last three hours and an interval of five minutes.
    var withoutMacros: String {
      text.replacing("$__interval", with: "'5m'")
        .replacing(/\$__timeFilter\(([a-z_]+)\)/) { match in
          "\(match.1) BETWEEN now() - interval '3 hours' AND now() + interval '1 minute'"
        }
        .replacing(/\$__timeGroupAlias\(([a-z_]+), '5m'\)/) { match in
          "floor(extract(epoch from \(match.1))/300)*300 AS \"time\""
        }
    }
  }

  private(set) var expressions: [String] = []
  private(set) var statements: [PanelStatement] = []

  init() throws {
    var root = URL(filePath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    let dashboard = try JSONValue(parsing: Data(contentsOf: root.appending(path: "grafana/emc.json")))
    for panel in dashboard["panels"]?.arrayValue ?? [] {
      for target in panel["targets"]?.arrayValue ?? [] {
        if let text = target["rawSql"]?.stringValue {
          statements.append(
            PanelStatement(
              title: panel["title"]?.stringValue ?? "", format: target["format"]?.stringValue ?? "",
              text: text))
        } else {
          expressions.append(target["expr"]?.stringValue ?? "")
        }
      }
    }
  }
}
