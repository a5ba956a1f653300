import ArgumentParser
import Foundation

/// `emc benchmark`: how fast training is on this machine, and what beside the steps it costs.
struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Measures training steps against the machine's matrix-product rate.",
    discussion: """
      One thread, single precision, batches of \(BenchmarkWorkload.batch) gathered by a shuffle from \
      \(BenchmarkWorkload.samples) samples, SGD with momentum. The bound is the time that the step's matrix products \
      would take at the rate of a 2048 × 2048 × 2048 product, measured in turns with the workload. The fastest of \
      several runs is reported, with the part of it that gathering the batches took. Unset OPENBLAS_CORETYPE to \
      measure the kernels that OpenBLAS picks for this processor.

      --shards N: the steps a second of one probe of N shards on N threads over those on one thread. --probes N: the \
      steps a second of N probes side by side in N threads over those of one alone. Both in turns of half a second, \
      with the same ratio of matrix products that share nothing; medians over the rounds. --evaluations: \
      probes of the default procedure on random labels, of \(EvaluationMeasurement.smallestSize) samples, twice as many \
      and so on until one isn't fitted within \(EvaluationMeasurement.maxSteps) steps: the time of the passes over all \
      samples (checks of fit and of stationarity, the final reports) over that of everything else.
      """)

  @Option(
    help: ArgumentHelp(
      "Measure this workload only: \(BenchmarkWorkload.all.map(\.name).joined(separator: ", "))."))
  var workload: String?

  @Option(help: "Turns of the things compared.")
  var rounds = 7

  @Option(help: ArgumentHelp("One probe of N shards on N threads beside one thread.", valueName: "n"))
  var shards: Int?

  @Option(help: ArgumentHelp("N probes side by side beside one alone.", valueName: "n"))
  var probes: Int?

  @Flag(help: "What the passes over all samples cost the probes of a search.")
  var evaluations = false

  @Flag(help: "Print JSON instead of a table.")
  var json = false

  func validate() throws {
    if let workload, !BenchmarkWorkload.all.contains(where: { $0.name == workload }) {
      throw ValidationError("there is no workload '\(workload)'")
    }
    guard (1...1000).contains(rounds) else { throw ValidationError("--rounds is from 1 to 1000") }
    for (name, count) in [("--shards", shards), ("--probes", probes)] {
      if let count, !(2...64).contains(count) { throw ValidationError("\(name) is from 2 to 64") }
    }
    guard [shards != nil, probes != nil, evaluations].count(where: { $0 }) <= 1 else {
      throw ValidationError("--shards, --probes and --evaluations are measured one at a time")
    }
  }

  func run() throws {
    if let shards {
      try show { try ParallelMeasurement.measure($0, .shards(shards), rounds: rounds) }
    } else if let probes {
      try show { try ParallelMeasurement.measure($0, .probes(probes), rounds: rounds) }
    } else if evaluations {
      try show { try EvaluationMeasurement.measure($0) }
    } else {
      try show { try BenchmarkMeasurement.measure($0, rounds: rounds) }
    }
  }

  /// Measures the workloads that were asked for and prints a row for each.
  private func show<Row: BenchmarkRow>(_ measure: (BenchmarkWorkload) throws -> Row) throws {
    let rows = try BenchmarkWorkload.all.filter { workload == nil || $0.name == workload }.map(measure)
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      print(String(decoding: try encoder.encode(rows), as: UTF8.self))
      return
    }
    print("workload  " + Row.heading)
    for row in rows { print(row.workload.padding(toLength: 10, withPad: " ", startingAt: 0) + row.cells) }
  }
}

/// What was measured of one workload: a JSON object, and a row of a table.
protocol BenchmarkRow: Encodable {
  var workload: String { get }
  /// What stands above the cells.
  static var heading: String { get }
  var cells: String { get }
}
