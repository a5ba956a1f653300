import Capacity
import CoreMetrics
import Synchronization

/// Counts what the probes of this process take.
final class TrainingMetrics: Sendable {
  private let flops: FloatingPointCounter
  private let known = Mutex<[Experiment: TrainingCost]>([:])

  /// Experiments whose operations are remembered; a job's probes share one.
  private static let mostRemembered = 64

  init(_ exporter: PrometheusExporter) {
    flops = FloatingPointCounter(label: MetricDeclaration.flops.name, factory: exporter)
  }

  /// Counts an ended probe. Blocks where its experiment is new.
  func count(_ probe: ProbeSpecification, _ result: ProbeResult, _ runner: ProbeRunner) {
    var cost = known.withLock { $0[probe.experiment] }
    if cost == nil {
      cost = try? runner.cost(of: probe)
      known.withLock { known in
        if known.count >= Self.mostRemembered { known = [:] }
        known[probe.experiment] = cost
      }
    }
    if let cost { flops.increment(by: cost.flops(of: result.observation)) }
  }
}
