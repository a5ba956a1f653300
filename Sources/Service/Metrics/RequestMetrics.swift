import CoreMetrics
import HTTPServer
import Synchronization

/// Counts requests by the template of their route, never by their address: a metric has no more series than the API has
/// routes, whatever clients ask for.
struct RequestMetrics: Middleware {
  private let exporter: PrometheusExporter
  private let known = Known()
  private let inFlight: Meter

  private final class Known: Sendable {
    let counters = Mutex<[[String]: Counter]>([:])
    let timers = Mutex<[[String]: Timer]>([:])
  }

  init(_ exporter: PrometheusExporter) {
    self.exporter = exporter
    inFlight = Meter(label: MetricDeclaration.requestsInFlight.name, factory: exporter)
  }

  func handle(_ request: HTTPRequest, next: Router.Handler) async throws -> HTTPResponse {
    let start = ContinuousClock.now
    inFlight.increment(by: 1.0)
    defer { inFlight.decrement(by: 1.0) }
    let response = try await next(request)
    let method = HTTPMethod.recognized.contains(request.method) ? request.method.rawValue : "other"
    let route = request.route ?? "none"
    counter(method, route, response.status.code).increment()
    // Who asks to wait waits: that says nothing of the service.
    if !request.query.contains(where: { $0.name == "wait" }),
      request.headers[.prefer]?.contains("wait") != true
    {
      timer(method, route).recordNanoseconds((ContinuousClock.now - start).inNanoseconds)
    }
    return response
  }

  private func counter(_ method: String, _ route: String, _ status: Int) -> Counter {
    known.counters.withLock { counters in
      let key = [method, route, String(status)]
      if let counter = counters[key] { return counter }
      let counter = Counter(
        label: MetricDeclaration.requests.name,
        dimensions: [("method", method), ("route", route), ("status", key[2])], factory: exporter)
      counters[key] = counter
      return counter
    }
  }

  private func timer(_ method: String, _ route: String) -> Timer {
    known.timers.withLock { timers in
      if let timer = timers[[method, route]] { return timer }
      let timer = Timer(
        label: MetricDeclaration.requestDuration.name, dimensions: [("method", method), ("route", route)],
        factory: exporter)
      timers[[method, route]] = timer
      return timer
    }
  }
}

extension Duration {
  /// Whole nanoseconds.
  fileprivate var inNanoseconds: Int64 {
    components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
  }
}
