import CoreMetrics
import Foundation
import Synchronization

/// The metrics of a process in Prometheus' text format 0.0.4, behind the interface of swift-metrics. What is counted is
/// kept here; what is measured when it is asked for comes from collectors.
package final class PrometheusExporter: MetricsFactory {
  /// Labels with their values, in the order of their names.
  typealias Labels = [String: String]

  /// A value that was measured just now.
  package struct Sample: Sendable {
    let metric: MetricDeclaration
    let labels: [String: String]
    let value: Double

    package init(_ metric: MetricDeclaration, _ value: Double, _ labels: [String: String] = [:]) {
      (self.metric, self.labels, self.value) = (metric, labels, value)
    }
  }

  private struct State {
    var series: [String: [Labels: Series]] = [:]
    var collectors: [@Sendable () async -> [Sample]] = []
  }

  private let declarations: [String: MetricDeclaration]
  private let state = Mutex(State())

  /// An exporter of the declared metrics; another is a programmer's mistake.
  package init(_ declarations: [MetricDeclaration] = MetricDeclaration.all) {
    self.declarations = Dictionary(uniqueKeysWithValues: declarations.map { ($0.name, $0) })
  }

  /// Adds what is measured whenever the metrics are asked for.
  package func collect(_ collector: @escaping @Sendable () async -> [Sample]) {
    state.withLock { $0.collectors.append(collector) }
  }

  /// The text of all metrics as they stand.
  package func text() async -> String {
    let collectors = state.withLock { $0.collectors }
    var lines: [String: [(labels: Labels, lines: [String])]] = [:]
    for collector in collectors {
      for sample in await collector() {
        check(sample.metric.name, sample.labels)
        let line = "\(sample.metric.name)\(Self.text(sample.labels)) \(Self.text(sample.value))"
        lines[sample.metric.name, default: []].append((sample.labels, [line]))
      }
    }
    for (name, series) in state.withLock({ $0.series }) {
      for (labels, one) in series { lines[name, default: []].append((labels, one.lines(name, labels))) }
    }
    var text = ""
    for name in lines.keys.sorted() {
      guard let declaration = declarations[name] else { continue }
      text += "# HELP \(name) \(declaration.help)\n# TYPE \(name) \(declaration.kind.rawValue)\n"
      for series in lines[name]!.sorted(by: { Self.text($0.labels) < Self.text($1.labels) }) {
        text += series.lines.joined(separator: "\n") + "\n"
      }
    }
    return text
  }

  private func series(_ name: String, _ dimensions: [(String, String)]) -> Series {
    let labels = Dictionary(dimensions, uniquingKeysWith: { $1 })
    let declaration = check(name, labels)
    return state.withLock { state in
      if let found = state.series[name]?[labels] { return found }
      let new = Series(buckets: declaration.buckets)
      state.series[name, default: [:]][labels] = new
      return new
    }
  }

  @discardableResult
  private func check(_ name: String, _ labels: Labels) -> MetricDeclaration {
    guard let declaration = declarations[name] else {
      preconditionFailure("the metric \(name) is not declared")
    }
    precondition(Set(labels.keys) == Set(declaration.labels), "\(name) has the labels \(declaration.labels)")
    return declaration
  }

  static func text(_ labels: Labels) -> String {
    guard !labels.isEmpty else { return "" }
    let pairs = labels.sorted { $0.key < $1.key }.map { name, value in
      let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
        "\n", with: "\\n")
      return "\(name)=\"\(escaped)\""
    }
    return "{\(pairs.joined(separator: ","))}"
  }

  static func text(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    return Int(exactly: value).map { String($0) } ?? String(value)
  }

  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, dimensions)
  }
  package func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler { series(label, dimensions) }
  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(label, dimensions)
  }
  package func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler { series(label, dimensions) }
  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    series(label, dimensions)
  }

  // What was counted stays counted.
  package func destroyCounter(_ handler: any CounterHandler) {}
  package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
  package func destroyMeter(_ handler: any MeterHandler) {}
  package func destroyRecorder(_ handler: any RecorderHandler) {}
  package func destroyTimer(_ handler: any TimerHandler) {}
}

/// One metric with one set of labels: a number, or the buckets of a histogram.
private final class Series: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler,
  TimerHandler
{
  private struct State {
    var value = 0.0
    var counts: [Int]
    var sum = 0.0
  }

  private let buckets: [Double]
  private let state: Mutex<State>

  init(buckets: [Double]) {
    self.buckets = buckets
    state = Mutex(State(counts: [Int](repeating: 0, count: buckets.count + 1)))
  }

  func lines(_ name: String, _ labels: PrometheusExporter.Labels) -> [String] {
    let state = state.withLock { $0 }
    let own = PrometheusExporter.text(labels)
    guard !buckets.isEmpty else { return ["\(name)\(own) \(PrometheusExporter.text(state.value))"] }
    var lines: [String] = []
    var count = 0
    for (bound, own) in zip(buckets + [.infinity], state.counts) {
      count += own
      var all = labels
      all["le"] = PrometheusExporter.text(bound)
      lines.append("\(name)_bucket\(PrometheusExporter.text(all)) \(count)")
    }
    lines.append("\(name)_sum\(own) \(PrometheusExporter.text(state.sum))")
    lines.append("\(name)_count\(own) \(count)")
    return lines
  }

  func increment(by amount: Int64) { state.withLock { $0.value += Double(amount) } }
  func increment(by amount: Double) { state.withLock { $0.value += amount } }
  func decrement(by amount: Double) { state.withLock { $0.value -= amount } }
  func reset() { state.withLock { $0.value = 0 } }
  func set(_ value: Int64) { state.withLock { $0.value = Double(value) } }
  func set(_ value: Double) { state.withLock { $0.value = value } }
  func record(_ value: Int64) { record(Double(value)) }
  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

  func record(_ value: Double) {
    let index = buckets.firstIndex { value <= $0 } ?? buckets.count
    state.withLock { state in
      state.counts[index] += 1
      state.sum += value
    }
  }
}
