import HTTPServer

/// `/metrics`, for Prometheus.
struct MetricsController: Sendable {
  let exporter: PrometheusExporter

  func register(on router: inout Router) {
    router.on(.get, "/metrics", parameters: []) { _ in
      HTTPResponse(
        contentType: "text/plain; version=0.0.4; charset=utf-8", bytes: Array(await exporter.text().utf8))
    }
  }
}
