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
  /// Rounds after which one is left and the rest of it reckoned.
  private static let roundLimit = 40

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

  /// What is measured: the specification's own procedure, or a candidate's where that wins.
  struct Measured: Sendable {
    let search: Search
    let cost: TrainingCost
    let prior: CurvePrior

    init(_ experiment: Experiment, _ admission: Admission) {
      let footprint = Footprint(admitted: experiment, of: admission.terms.form, samples: 1)
      search = Search(
        settings: admission.specification.search, limits: admission.limits,
        procedure: SearchedProcedure(experiment.training), seed: experiment.seed)
      cost = TrainingCost(experiment.training, flopsPerSample: footprint.flopsPerSample)
      prior = CurvePrior(
        parameterCount: footprint.parameterCount, canLearn: experiment.data.labels == .original)
    }
  }

  /// The forecast as `dry_run` answers it.
  package var json: JSONValue {
    .object([
      "probes": .object(["median": .integer(medianProbes), "p90": .integer(manyProbes)]),
      "flops": .finite(flops), "memory": .integer(memory), "seconds": .finite(seconds),
    ])
  }

  /// One measurement that was played.
  struct Play: Sendable {
    var probes = 0.0
    var flops = 0.0
    /// Until the last probe of the last round has ended.
    var seconds = 0.0
    /// The same for one worker that is never idle.
    var work = 0.0
    var largest = 1

    init() {}

    init(
      _ measured: Measured, _ index: Int, race: [[ProbeObservation]], raceCosts: [TrainingCost],
      generalization: GeneralizationSettings?, limits: MeasurementLimits, workers: Int, secondsPerFlop: Double
    ) {
      func cost(_ address: ProbeAddress) -> TrainingCost {
        address.candidate.map { raceCosts[$0] } ?? measured.cost
      }
      func add(_ round: [ProbeObservation]) {
        self.add(round.map { ($0.address.samples, cost($0.address).flops(of: $0)) }, workers, secondsPerFlop)
      }
      let raced = race.joined().reduce(0.0) { $0 + cost($1.address).flops(of: $1) }
      // As the measurement itself: of a round what is sure to stay within the limit.
      let search = measured.search
      let simulation = SearchSimulation(
        search: search, curve: measured.prior.curve(index, seed: search.seed),
        seed: search.seed &+ 0x9E37_79B9)
      // How long a bisection takes nobody can reckon from its beginning; nor does it take long.
      let roundLimit = if case .bisect = search.settings.strategy { Int.max } else { CostForecast.roundLimit }
      let play = simulation.play(index, roundLimit: roundLimit) { addresses, history in
        limits.affordable(
          addresses, spent: raced + measured.cost.flops(of: history), most: measured.cost.most)
      }
      for round in race + play.rounds { add(round) }
      if !play.isOver {
        let rest = Self.rest(play.search, play.curve, play.rounds)
        scale(rest.factor)
        largest = max(largest, rest.largest)
      }
      if let generalization {
        let doublings = play.rounds.joined().map(\.address.doublings).max() ?? 0
        let round = generalization.addresses(doublings: doublings).map {
          simulation.observation($0, play.curve, index)
        }
        add(round)
      }
      if let maxSeconds = limits.maxSeconds, seconds > maxSeconds {
        scale(maxSeconds / seconds)
        seconds = min(seconds, maxSeconds)
      }
      if let maxFlops = limits.maxFlops, flops > maxFlops {
        scale(maxFlops / flops)
        flops = min(flops, maxFlops)
      }
    }

    private mutating func scale(_ part: Double) {
      probes *= part
      flops *= part
      seconds *= part
      work *= part
    }

    /// Each worker takes the next probe when it is free; the round is over when the last one is.
    private mutating func add(
      _ round: [(samples: Int, flops: Double)], _ workers: Int, _ secondsPerFlop: Double
    ) {
      var busy = [Double](repeating: 0, count: workers)
      for (samples, flops) in round {
        let free = busy.indices.min { busy[$0] < busy[$1] } ?? 0
        busy[free] += flops * secondsPerFlop
        work += flops * secondsPerFlop
        self.flops += flops
        probes += 1
        largest = max(largest, samples)
      }
      seconds += busy.max() ?? 0
    }

    /// By what factor a search that was left will have grown when it is over, and the largest size by then: an interval narrows with
    /// the root of the runs; a size that goes up reaches the threshold.
    private static func rest(
      _ search: Search, _ curve: SimulatedCurve, _ rounds: [[ProbeObservation]]
    ) -> (factor: Double, largest: Int) {
      let history = rounds.flatMap(\.self)
      let count = Double(max(1, history.count))
      switch search.settings.strategy {
      case .adaptive(let options):
        let width = search.threshold(history, doublings: 0).relativeWidth
        return (min(max(1, pow(width / options.relativeWidth, 2)), Double(options.maxProbes) / count), 1)
      case .increment(let options):
        let first = Double(search.settings.initialSamples)
        let last = Double(history.map(\.address.samples).max() ?? 1)
        let end = min(curve.threshold, Double(search.limits.samples))
        let factor =
          switch options.increment {
          case .step: (end - first) / max(1, last - first)
          case .factor: log(end / first) / max(1e-9, log(last / first))
          }
        return (max(1, factor), Int(end.rounded(.up)))
      case .bisect, .grid: return (1, 1)
      }
    }
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

/// Fit curves as they may be.
struct CurvePrior: Sendable {
  let parameterCount: Int
  /// Whether labels follow from inputs, so that far more than parameters can hold may fit.
  let canLearn: Bool

  /// The candidate that is the best of so many in the `index`-th draw.
  static func best(of candidates: Int, _ index: Int, seed: UInt64) -> Int {
    var stream = RandomStream(seed: seed &+ 0x6C8E_9CF5, purpose: .simulation, samples: index)
    return Int(stream.below(UInt64(candidates)))
  }

  /// The rounds of a race whose best candidate has this curve, all others a threshold that is 20^(−u²) times its with u
  /// uniform: half of them above 0.47 of it, a quarter below 0.19.
  func race(_ race: Race, best: Int, with curve: SimulatedCurve, _ index: Int) -> [[ProbeObservation]] {
    var stream = RandomStream(
      seed: race.searches[0].seed &+ 0x2545_F491, purpose: .simulation, samples: index)
    let curves = race.searches.indices.map { candidate in
      var other = curve
      let u = stream.uniform()
      if candidate != best { other.threshold = max(1, curve.threshold * pow(20, -u * u)) }
      return other
    }
    return RaceSimulation(race: race, curves: curves, seed: stream.next()).play(index).rounds
  }

  /// The `index`-th draw.
  func curve(_ index: Int, seed: UInt64) -> SimulatedCurve {
    var stream = RandomStream(seed: seed &+ 0x5851_F42D, purpose: .simulation, samples: index)
    func logUniform(_ low: Double, _ high: Double) -> Double { low * pow(high / low, stream.uniform()) }
    let perParameter = canLearn ? logUniform(0.1, 4) : logUniform(0.05, 1.2)
    let threshold = Double(parameterCount) * perParameter
    let scale = logUniform(0.05, 0.4)
    let growth = logUniform(0.03, 0.5)
    let lapse = stream.uniform() < 0.75 ? 0 : 0.2 * stream.uniform()
    return SimulatedCurve(
      shape: .logistic, threshold: max(1, threshold), scale: scale, lapse: lapse, growth: growth)
  }
}
