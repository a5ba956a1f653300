import ArgumentParser
import Capacity
import Datasets
import Foundation

/// `emc simulate`: a specification's search against a known curve, without training.
struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a specification's search against a known fit curve, without training.",
    discussion: """
      Tells what the search's intervals are worth (coverage, bias, width) and what it costs (probes, steps), as JSON on \
      standard output. Each trial has its own seed and its threshold within ±10 % of --threshold, log-uniformly. A run \
      draws u and fits at the first budget b with p(n; b) ≥ u. How many probes does ±5 % take? Set relative_width to 0.1 \
      and look at "probes". With --study each trial is a whole study, and what is told is the worth of its comparison.
      """)

  @OptionGroup var source: SpecificationOption

  @Option(
    parsing: .unconditional,
    help: "n₅₀: the size that half of all runs fit within the specification's max_steps, lapses included.")
  var threshold: Double

  @Option(
    parsing: .unconditional,
    help: "s: the slope of the curve without lapses is −1/(4 s) at its threshold, in ln n.")
  var scale = 0.15

  @Option(parsing: .unconditional, help: "The part of the runs that never fit, from 0 and below 0.5.")
  var lapse = 0.0

  @Option(
    help: ArgumentHelp(
      "logistic, probit, gumbel_left (or gumbel), gumbel_right or step.", valueName: "shape"))
  var shape = "logistic"

  @Option(parsing: .unconditional, help: "The growth of n₅₀ for a doubling of the steps: 0.12 for 12 %.")
  var growth = 0.0

  @Option(parsing: .unconditional, help: "How many searches are simulated.")
  var trials = 1000

  @Option(help: "Keys all trials.")
  var seed: UInt64 = 1

  @Flag(help: "Tell the search the scale and the lapse, as a bound of what any search can reach.")
  var known = false

  @Option(help: "Trials run at once. EMC_WORKERS; default: one a core.")
  var workers: Int?

  @OptionGroup(title: "A study in place of a search") var study: SimulatedStudyOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var memory: MemoryOption

  func run() throws {
    var faults = UsageFaults()
    let workers = try faults.value { try Environment.workers(self.workers, atLeast: 1) }
    let memoryLimit = try faults.value { try memory.limit() }
    let shape = try faults.value(checkedShape)
    faults.check(threshold.isFinite && threshold > 0, "--threshold", threshold, "a number above 0")
    faults.check(scale.isFinite && scale > 0 && scale <= 100, "--scale", scale, "a number above 0 to 100")
    faults.check((0..<0.5).contains(lapse), "--lapse", lapse, "a number from 0 and below 0.5")
    faults.check((0...10).contains(growth), "--growth", growth, "a number from 0 to 10")
    faults.check((1...10_000_000).contains(trials), "--trials", trials, "an integer from 1 to 10000000")
    let cells = try study.cells(&faults)
    try faults.throwIfAny()
    guard let workers, let memoryLimit, let shape else { return }
    let curve = SimulatedCurve(shape: shape, threshold: threshold, scale: scale, lapse: lapse, growth: growth)
    let admission = try source.admit(data.library, memoryLimit: memoryLimit)
    let specification = admission.specification
    let others = [
      (specification.limits != MeasurementLimits(), "limits"),
      (!specification.search.candidates.isEmpty, "search.tune"),
      (specification.search.verifiedProbes > 0, "search.verification"),
      (specification.generalization != nil, "generalization"),
    ].filter(\.0).map(\.1)
    if !others.isEmpty {
      Console.report("emc: the search alone is simulated, without its \(others.joined(separator: ", "))")
    }
    var search = Search(
      settings: specification.search,
      limits: admission.limits,
      procedure: SearchedProcedure(specification.experiment.training))
    if known { search.prior = .known(scale: scale, lapse: lapse) }
    if let cells {
      let simulation = StudySimulation(
        search: search, curve: curve, ratios: cells.ratios, axis: cells.axis, seed: seed)
      Console.show(simulation.run(studies: trials, workers: workers).json)
      return
    }
    let summary = SearchSimulation(search: search, curve: curve, seed: seed).run(
      trials: trials, workers: workers)
    Console.show(summary.json)
  }

  private func checkedShape() throws -> SimulatedCurve.Shape {
    if shape == "gumbel" { return .gumbelLeft }
    guard let known = SimulatedCurve.Shape(rawValue: shape) else {
      let names = (SimulatedCurve.Shape.allCases.map(\.rawValue) + ["gumbel"]).joined(separator: ", ")
      throw WrongUsage(description: "--shape is \(shape); allowed: \(names)")
    }
    return known
  }
}
