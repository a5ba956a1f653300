import Compute
import Foundation

extension CostForecast {
  /// Cells that are played: of more as many, evenly spread.
  private static let playedCells = 64
  /// Measurements that are played, of all cells together.
  private static let studyTrials = 256
  /// Studies that are put together of them.
  private static let studies = 500
  /// Seconds in which cells' networks may be timed; the others go at the pace of those that were.
  private static let timing = 10.0

  /// What the cells of a study are expected to cost together: in each of many studies every cell is one of its measurements that
  /// were played, and the sum is the study's. Probes that several cells ask for are counted for each of them, so that a study may cost
  /// less. `seconds` are those of workers that are never idle, for cells are measured side by side, but at least the longest cell's.
  ///
  /// - Parameter rate: what a training step of an experiment takes here for each of its samples (`TrainingRate`).
  package init(
    _ cells: [StudyCell], workers: Int,
    rate: (Admission) throws -> Double = { admission in
      try TrainingRate(of: admission.specification.experiment, form: admission.terms.form).secondsPerSample
    }
  ) rethrows {
    let count = min(cells.count, Self.playedCells)
    let played = (0..<count).map { cells[$0 * cells.count / count].admission }
    let rates = try Self.rates(played, rate)
    let plays = zip(played, rates).map { admission, secondsPerSample in
      Self.play(
        admission, trials: max(4, Self.studyTrials / count), secondsPerSample: secondsPerSample,
        workers: workers)
    }
    let part = Double(cells.count) / Double(max(1, count))
    var stream = RandomStream(seed: 0x6A09_E667, purpose: .simulation, samples: cells.count)
    let studies = (0..<Self.studies).map { _ in
      var study = Play()
      for plays in plays {
        let play = plays[Int(stream.below(UInt64(plays.count)))]
        study.probes += part * play.probes
        study.flops += part * play.flops
        study.work += part * play.work
        study.seconds = max(study.seconds, play.seconds)
      }
      study.seconds = max(study.seconds, study.work / Double(workers))
      return study
    }
    // The largest probe is that of some cell, in nine of ten of its measurements.
    let memory = zip(played, plays).map { admission, plays in
      admission.forecastMemory(
        samples: Int(SimulationSummary.quantile(plays.map { Double($0.largest) }, 0.9)))
    }
    self.init(studies) { _ in memory.max() ?? 0 }
  }

  /// The rates of cells, as many as there is time for.
  private static func rates(
    _ admissions: [Admission], _ rate: (Admission) throws -> Double
  ) rethrows -> [Double] {
    let end = ContinuousClock.now + .seconds(timing)
    var timed: [Double?] = []
    for admission in admissions {
      timed.append(timed.isEmpty || ContinuousClock.now < end ? try rate(admission) : nil)
    }
    let flops = admissions.map { Double($0.footprint(samples: 1).flopsPerSample) }
    let paces = zip(timed, flops).compactMap { timed, flops in timed.map { $0 / flops } }
    let pace = SimulationSummary.quantile(paces, 0.5)
    return zip(timed, flops).map { $0 ?? pace * $1 }
  }
}
