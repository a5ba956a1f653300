import ArgumentParser
import Capacity
import Datasets
import Foundation

/// `emc measure`: one measurement, no server, no database.
struct Measure: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run one measurement here, with no server and no database.",
    discussion: "The result goes to standard output as JSON, progress to standard error.")

  @OptionGroup var source: SpecificationOption

  @Option(help: "Probes trained at once. EMC_WORKERS; default: one a core.")
  var workers: Int?

  @OptionGroup var memory: MemoryOption

  @OptionGroup var data: DataOptions

  func run() throws {
    let workers = try Environment.workers(workers, atLeast: 1)
    let library = data.library
    let memoryLimit = try memory.limit()
    let specification = try source.admit(library, memoryLimit: memoryLimit).specification
    let measurement = try LocalMeasurement(
      specification: specification, library: library, workers: workers, memoryLimit: memoryLimit)
    let progress = ProgressDisplay(specification)
    let (result, probes) = try measurement.run(
      onProbe: { progress.probeEnded($0, measurement.plan.progress($1.map(\.observation))) })
    progress.finish()
    print(result.json(withProbes: probes).text(pretty: true))
  }
}
