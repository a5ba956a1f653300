import Capacity
import CoreMetrics
import Foundation
import FoundationNetworking
import HTTPServer
import Persistence
import Service
import Testing

/// `/metrics`: what stands there, and that Prometheus and the dashboard can use it.
@Suite struct MetricsTests {
  private func metrics(_ service: TestService) async throws -> String {
    let response = await service.router.respond(to: try HTTPRequest(method: .get, target: "/metrics"))
    #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
    guard case .bytes(let bytes) = response.body else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func value(_ series: String, _ text: String) -> Double? {
    text.split(separator: "\n").first { $0.hasPrefix(series + " ") }
      .flatMap { Double($0.dropFirst(series.count + 1)) }
  }

  /// After one job the counters say what its probes say. A sharpness-aware step is two.
  @Test(arguments: [("", 1), (#", "regularization": {"sharpness_radius": 0.05}"#, 2)])
  func aJobIsCounted(regularization: String, passesOfAStep: Int) async throws {
    try await withService(workers: 1) { service in
      let body =
        #"{"dataset": {"name": "gaussian", "dimensions": 3}, "model": {"kind": "linear"}, "search": {"strategy": "grid", "sizes": [4, 60], "replicates": 2}, "training": {"max_steps": 300"#
        + regularization + "}}"
      let id = try #require(try await service.send(.post, "/v1/jobs", body).1["id"]?.stringValue)
      #expect(try await service.finished(id)["state"] == .string("succeeded"))
      _ = try await service.send(.get, "/v1/jobs/nothing")
      _ = try await service.send(.get, "/nothing/\(UUID())")
      let probes = try #require(try await service.send(.get, "/v1/jobs/\(id)/probes").1["items"]?.arrayValue)
      let text = try await metrics(service)
      var total = 0.0
      for outcome in Set(probes.compactMap { $0["outcome"]?.stringValue }) {
        let counted = value("emc_probes_total{outcome=\"\(outcome)\"}", text)
        #expect(counted == Double(probes.count { $0["outcome"] == .string(outcome) }), "\(outcome)")
        total += counted ?? 0
      }
      #expect(total == 4)
      let steps = probes.compactMap { $0["steps"]?.integerValue }.reduce(0, +)
      #expect(value("emc_training_steps_total", text) == Double(steps))
      // Two outputs of three inputs: 2 · 3 · 2 operations forward, and as many for the weights' gradient; the inputs need
      // none. A batch is all samples.
      let flops = probes.map { probe in
        24 * passesOfAStep * (probe["steps"]?.integerValue ?? 0) * (probe["samples"]?.integerValue ?? 0)
      }.reduce(0, +)
      #expect(value("emc_training_flops_total", text) == Double(flops))
      #expect(value("emc_jobs{state=\"succeeded\"}", text) == 1)
      #expect(value("emc_database_up", text) == 1)
      #expect(value("emc_worker_threads{state=\"idle\"}", text) == 1)
      #expect(value("emc_queued_probes", text) == 0)
      #expect(value("emc_queue_head_age_seconds", text) == 0)
      #expect(
        value("emc_http_requests_total{method=\"POST\",route=\"/v1/jobs\",status=\"202\"}", text) == 1)
      #expect(
        value("emc_http_requests_total{method=\"GET\",route=\"/v1/jobs/{id}\",status=\"404\"}", text) == 1)
      #expect(value("emc_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"}", text) == 1)
      #expect(
        value("emc_http_request_duration_seconds_count{method=\"POST\",route=\"/v1/jobs\"}", text) == 1)
      #expect(!text.contains(id))
      #expect(try #require(value("process_resident_memory_bytes", text)) > 1e6)
      let start = try #require(value("process_start_time_seconds", text))
      #expect(start <= Date().timeIntervalSince1970 + 1 && start > Date().timeIntervalSince1970 - 86_400)
      try await promtoolAccepts(text)
    }
  }

  /// Every declared metric is there, described; counters and histograms that nothing has touched yet aside.
  @Test func namesFollowTheConventions() throws {
    for metric in MetricDeclaration.all {
      #expect(metric.name.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil)
      #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
      #expect(metric.help.hasSuffix("."))
      #expect((metric.kind == .histogram) == !metric.buckets.isEmpty)
      #expect(metric.name.firstMatch(of: /milli|micro|_ms\b|minutes|kilo|mega/) == nil)
    }
    #expect(Set(MetricDeclaration.all.map(\.name)).count == MetricDeclaration.all.count)
  }

  /// By hand: cumulative buckets, sum and count, labels escaped.
  @Test func theTextIsThatOfTheFormat() async throws {
    let exporter = PrometheusExporter()
    let timer = CoreMetrics.Timer(
      label: "emc_http_request_duration_seconds", dimensions: [("method", "GET"), ("route", "a\"\\\nb")],
      factory: exporter)
    for milliseconds in [1, 2, 30, 20_000] { timer.recordMilliseconds(milliseconds) }
    Counter(label: "emc_webhook_deliveries_total", dimensions: [("result", "delivered")], factory: exporter)
      .increment(by: 3)
    exporter.collect { [.init(.queuedProbes, 1.5)] }
    let labels = #"method="GET",route="a\"\\\nb""#
    let expected = """
      # HELP emc_http_request_duration_seconds Time until a request's answer was made; long polls are left out.
      # TYPE emc_http_request_duration_seconds histogram
      emc_http_request_duration_seconds_bucket{le="0.001",\(labels)} 1
      emc_http_request_duration_seconds_bucket{le="0.0025",\(labels)} 2
      emc_http_request_duration_seconds_bucket{le="0.005",\(labels)} 2
      emc_http_request_duration_seconds_bucket{le="0.01",\(labels)} 2
      emc_http_request_duration_seconds_bucket{le="0.025",\(labels)} 2
      emc_http_request_duration_seconds_bucket{le="0.05",\(labels)} 3
      emc_http_request_duration_seconds_bucket{le="0.1",\(labels)} 3
      emc_http_request_duration_seconds_bucket{le="0.25",\(labels)} 3
      emc_http_request_duration_seconds_bucket{le="0.5",\(labels)} 3
      emc_http_request_duration_seconds_bucket{le="1",\(labels)} 3
      emc_http_request_duration_seconds_bucket{le="2.5",\(labels)} 3
      emc_http_request_duration_seconds_bucket{le="5",\(labels)} 3
      emc_http_request_duration_seconds_bucket{le="10",\(labels)} 3
      emc_http_request_duration_seconds_bucket{le="+Inf",\(labels)} 4
      emc_http_request_duration_seconds_sum{\(labels)} 20.033
      emc_http_request_duration_seconds_count{\(labels)} 4
      # HELP emc_queued_probes Probes that wait for a worker.
      # TYPE emc_queued_probes gauge
      emc_queued_probes 1.5
      # HELP emc_webhook_deliveries_total Attempts of this process to deliver a webhook's event.
      # TYPE emc_webhook_deliveries_total counter
      emc_webhook_deliveries_total{result="delivered"} 3

      """
    #expect(await exporter.text() == expected)
    try await promtoolAccepts(expected)
  }

  /// `promtool check metrics` finds nothing, where it is installed.
  private func promtoolAccepts(_ text: String) async throws {
    let promtool = "/usr/bin/promtool"
    guard FileManager.default.isExecutableFile(atPath: promtool) else {
      return print("Skipped: there is no promtool on this machine (Debian's package prometheus).")
    }
    try await withFolder { folder in
      let (input, output) = (folder.appending(path: "in"), folder.appending(path: "out"))
      try Data(text.utf8).write(to: input)
      try Data().write(to: output)
      let process = Process()
      process.executableURL = URL(filePath: promtool)
      process.arguments = ["check", "metrics"]
      process.standardInput = try FileHandle(forReadingFrom: input)
      process.standardOutput = try FileHandle(forWritingTo: output)
      process.standardError = process.standardOutput
      try process.run()
      _ = try await eventually("promtool's end") { process.isRunning ? nil : true }
      let said = try String(contentsOf: output, encoding: .utf8)
      #expect(process.terminationStatus == 0 && said.isEmpty, "\(said)")
    }
  }

  /// A real Prometheus, where it is installed, scrapes the service and finds what it says.
  @Test func prometheusScrapes() async throws {
    let prometheus = "/usr/bin/prometheus"
    guard FileManager.default.isExecutableFile(atPath: prometheus) else {
      return print("Skipped: there is no prometheus on this machine.")
    }
    try await withService { service in
      let server = HTTPServer(
        configuration: HTTPServerConfiguration(address: try HTTPAddress("127.0.0.1:0")),
        router: service.router,
        logger: quiet)
      let address = try server.bind()
      async let running: Void = server.run()
      try await withFolder { folder in
        let configuration = """
          global: {scrape_interval: 1s, scrape_timeout: 1s}
          scrape_configs:
            - job_name: emc
              static_configs: [{targets: ["\(address)"]}]
          """
        try configuration.write(
          to: folder.appending(path: "prometheus.yml"), atomically: true, encoding: .utf8)
        let listening = HTTPServer(
          configuration: HTTPServerConfiguration(address: try HTTPAddress("127.0.0.1:0")),
          router: Router(logger: quiet), logger: quiet)
        // A free port; it is let go of before it is taken.
        let port = try listening.bind().port
        async let letGo: Void = listening.run()
        listening.triggerGracefulShutdown()
        try await letGo
        let process = Process()
        process.executableURL = URL(filePath: prometheus)
        process.arguments = [
          "--config.file=\(folder.path)/prometheus.yml", "--storage.tsdb.path=\(folder.path)/data",
          "--web.listen-address=127.0.0.1:\(port)",
        ]
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        try process.run()
        defer { kill(process.processIdentifier, SIGKILL) }
        let queries = try #require(URL(string: "http://127.0.0.1:\(port)/api/v1/query"))
        func query(_ expression: String) -> URL {
          queries.appending(queryItems: [URLQueryItem(name: "query", value: expression)])
        }
        let result = try await scraped(query("emc_build_info"))
        #expect(result["metric"]?["version"] == .string(emcVersion))
        // What the dashboard asks, as Grafana writes it.
        for expression in try GrafanaDashboard().expressions {
          let written = expression.replacing("$job", with: ".*").replacing("$__rate_interval", with: "4s")
          let answer = try JSONValue(parsing: await URLSession.shared.data(from: query(written)).0)
          #expect(answer["status"] == .string("success"), "\(expression): \(answer["error"] ?? .null)")
        }
      }
      server.triggerGracefulShutdown()
      try await running
    }
  }

  /// The first series of an answer of Prometheus, once there is one.
  private func scraped(_ query: URL) async throws -> JSONValue {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
      if let data = try? await URLSession.shared.data(from: query).0,
        let series = (try? JSONValue(parsing: data))?["data"]?["result"]?.arrayValue?.first
      {
        return series
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw TimedOut(what: "a scrape")
  }
}
