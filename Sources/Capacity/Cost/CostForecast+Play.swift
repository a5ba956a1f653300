import Compute
import Foundation

extension CostForecast {
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

  /// One measurement that was played.
  struct Play: Sendable {
    /// Rounds after which one is left and the rest of it reckoned.
    private static let roundLimit = 40

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
      let roundLimit = if case .bisect = search.settings.strategy { Int.max } else { Self.roundLimit }
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
