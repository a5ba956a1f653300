import Compute
import Foundation
import Synchronization

/// What a measurement is expected to cost, before anything is trained: its search is played against fit curves as they may
/// be, drawn from what is known of networks beforehand.
///
/// A draw's threshold is log-uniform from 0.05 to 1.2 times P, the number of parameters, with labels that can only be
/// learned by heart, and from 0.1 to 4 times P with labels of the data's own; its scale is log-uniform from 0.05 to 0.4, its
/// lapse 0 in three of four draws and uniform up to 0.2 else, its growth for a doubling of the steps log-uniform from 0.03
/// to 0.5. A pure function of the specification but for the machine's rate.
package struct CostForecast: Sendable {
  /// Probes, the median.
  package let medianProbes: Int
  /// Probes that nine of ten measurements don't exceed.
  package let manyProbes: Int
  /// Operations of the matrix products of training (`TrainingCost`), the median.
  package let flops: Double
  /// Bytes that the largest probe of nine in ten measurements takes at most.
  package let memory: Int
  /// The time that they take on this machine, the median.
  package let seconds: Double

  /// Measurements that are played.
  private static let trials = 64
  /// A part of them where each begins with a race, or reads what every guard gives: these take longer to play.
  private static let racedPart = 8
  private static let settlingPart = 4

  /// The forecast for an admitted specification.
  ///
  /// - Parameters:
  ///   - secondsPerSample: what a training step takes here for each of its samples (`TrainingRate`).
  ///   - workers: probes that are trained at once.
  package init(_ admission: Admission, secondsPerSample: Double, workers: Int) {
    self.init(
      Self.play(admission, trials: Self.trials, secondsPerSample: secondsPerSample, workers: workers),
      memory: admission.forecastMemory)
  }

  /// What is told of measurements that were played.
  ///
  /// - Parameter memory: bytes that a probe of so many samples takes.
  init(_ plays: [Play], memory: (Int) -> Int) {
    func quantile(_ value: (Play) -> Double, _ part: Double) -> Double {
      SimulationSummary.quantile(plays.map(value), part)
    }
    medianProbes = Int(quantile({ $0.probes }, 0.5).rounded())
    manyProbes = Int(quantile({ $0.probes }, 0.9).rounded(.up))
    flops = quantile({ $0.flops }, 0.5)
    seconds = quantile({ $0.seconds }, 0.5)
    self.memory = memory(Int(quantile({ Double($0.largest) }, 0.9)))
  }

  /// Plays a measurement so many times, fewer where that takes long.
  static func play(_ admission: Admission, trials: Int, secondsPerSample: Double, workers: Int) -> [Play] {
    let specification = admission.specification
    let measured = Measured(specification.experiment, admission)
    let secondsPerFlop = secondsPerSample / measured.cost.flopsPerSample
    // Its candidates were admitted.
    let tuning = try? TuningPlan(specification, form: admission.terms.form, limits: admission.limits)
    let candidates = tuning?.experiments.map { Measured($0, admission) } ?? []
    var count = trials
    if tuning != nil { count /= racedPart }
    if case .settle = specification.search.budget { count /= settlingPart }
    count = max(2, count)
    let plays = Mutex([Play?](repeating: nil, count: count))
    // Nothing in a trial throws.
    try? concurrently(Array(0..<count), workers: workers) { index in
      var winner = measured
      var race: [[ProbeObservation]] = []
      if let tuning {
        let best = CurvePrior.best(of: candidates.count, index, seed: measured.search.seed)
        winner = candidates[best]
        race = winner.prior.race(
          tuning.race, best: best, with: winner.prior.curve(index, seed: winner.search.seed), index)
      }
      let play = Play(
        winner, index, race: race, raceCosts: candidates.map(\.cost),
        generalization: specification.generalization,
        limits: specification.limits, workers: workers, secondsPerFlop: secondsPerFlop)
      plays.withLock { $0[index] = play }
    }
    return plays.withLock { $0.compactMap(\.self) }
  }

  /// The forecast as `dry_run` answers it.
  package var json: JSONValue {
    .object([
      "probes": .object(["median": .integer(medianProbes), "p90": .integer(manyProbes)]),
      "flops": .finite(flops), "memory": .integer(memory), "seconds": .finite(seconds),
    ])
  }
}

extension Admission {
  /// Bytes that a probe of so many samples takes, and what is found out about one that failed.
  func forecastMemory(samples: Int) -> Int {
    let experiment = specification.experiment
    let raced = specification.search.candidates.compactMap { try? $0.experiment(of: experiment) }
    return (raced.isEmpty ? [experiment] : raced).map { experiment in
      let most = Footprint(
        admitted: experiment, of: terms.form, samples: max(1, min(samples, sampleLimit))
      ).memory
      return specification.search.verifiedProbes > 0 ? most.verifiedPeak : most.peak
    }.max() ?? 0
  }
}
