import ArgumentParser
import Foundation

/// `emc benchmark`: the time of a training step beside the machine's matrix-product rate in the same run.
struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Measures training steps against the machine's matrix-product rate.",
    discussion: """
      One thread, single precision, batches of \(BenchmarkWorkload.batch) gathered by a shuffle from \
      \(BenchmarkWorkload.samples) samples, SGD with momentum. The bound is the time that the step's matrix products \
      would take at the rate of a 2048 × 2048 × 2048 product, measured in turns with the workload. The fastest of \
      several runs is reported. Unset OPENBLAS_CORETYPE to measure the kernels that OpenBLAS picks for this processor.
      """)

  @Option(
    help: ArgumentHelp(
      "Measure this workload only: \(BenchmarkWorkload.all.map(\.name).joined(separator: ", "))."))
  var workload: String?

  @Option(help: "Turns of workload and matrix product; the fastest of each counts.")
  var rounds = 7

  @Flag(help: "Print JSON instead of a table.")
  var json = false

  func validate() throws {
    if let workload, !BenchmarkWorkload.all.contains(where: { $0.name == workload }) {
      throw ValidationError("there is no workload '\(workload)'")
    }
    guard (1...1000).contains(rounds) else { throw ValidationError("--rounds is from 1 to 1000") }
  }

  func run() throws {
    let chosen = BenchmarkWorkload.all.filter { workload == nil || $0.name == workload }
    let measurements = try chosen.map { try BenchmarkMeasurement.measure($0, rounds: rounds) }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      print(String(decoding: try encoder.encode(measurements), as: UTF8.self))
      return
    }
    print("workload      µs a step    GFLOP/s   sgemm GFLOP/s   share of bound   kernels")
    for m in measurements {
      let numbers = String(
        format: "%12.1f %10.1f %15.1f %15.1f%%", m.microsecondsPerStep, m.gflops, m.sgemmGflops,
        100 * m.shareOfBound)
      print(m.workload.padding(toLength: 10, withPad: " ", startingAt: 0) + numbers + "   \(m.blasKernels)")
    }
  }
}
