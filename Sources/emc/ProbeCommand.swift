import ArgumentParser
import Capacity
import Datasets
import Foundation

/// `emc probe`: how often the procedure fits at given sizes.
struct ProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Train replicates at given sizes and count how they end.",
    discussion: """
      The specification's search is not used. The answer goes to standard output as JSON: for each size how many \
      replicates ended how, and every probe.

      --save writes each probe's network to DIR/<samples>-<replicate>.npz: every tensor under PyTorch's name and in its \
      shape, the indices drawn, the labels, and how the inputs were standardised.
      """)

  @OptionGroup var source: SpecificationOption

  @Option(parsing: .upToNextOption, help: "The sample sizes.")
  var samples: [Int]

  @Option(help: "Fresh seeds for every size.")
  var replicates = 1

  @Option(help: "Probes trained at once. EMC_WORKERS; default: one a core.")
  var workers: Int?

  @Flag(help: "Only the counts, without the probes.")
  var summary = false

  @OptionGroup var memory: MemoryOption

  @Option(help: ArgumentHelp("Write each probe's trained network there, as NPZ.", valueName: "dir"))
  var save: String?

  @OptionGroup var data: DataOptions

  func run() throws {
    let workers = try Environment.workers(workers, atLeast: 1)
    let library = data.library
    let memoryLimit = try memory.limit()
    let admission = try source.admit(library, memoryLimit: memoryLimit)
    var faults = UsageFaults()
    if admission.specification.experiment.training.learningRate == .automatic {
      faults.note(
        "/training/optimizer/learning_rate is \"auto\", which emc measure and jobs choose by a race among rates; "
          + "allowed in emc probe: a number, such as that of tuning.winner in a result")
    }
    let limit = admission.sampleLimit
    for size in samples where !(1...limit).contains(size) {
      faults.note("--samples has \(size); allowed: integers from 1 to \(limit)")
    }
    for size in Set(samples).sorted() where samples.count(where: { $0 == size }) > 1 {
      faults.note(
        "--samples has \(size) more than once; allowed: each size once, with --replicates for more runs of it"
      )
    }
    faults.check(
      (1...100_000).contains(replicates), "--replicates", replicates, "an integer from 1 to 100000")
    try faults.throwIfAny()
    let probes = try LocalMeasurement(
      specification: admission.specification, library: library, workers: workers, memoryLimit: memoryLimit
    ).run(sizes: samples, replicates: replicates, save: try save.map(writer))
    var members: [String: JSONValue] = [
      "sizes": .array(samples.map { counts($0, probes.filter { [size = $0] in $0.address.samples == size }) })
    ]
    if !summary { members["probes"] = .array(probes.map(\.json)) }
    Console.show(.object(members))
  }

  /// Writes networks to a folder, which is made where it isn't there: before anything is trained for it.
  private func writer(_ path: String) throws -> @Sendable (TrainedNetwork) throws -> Void {
    let folder = URL(filePath: path, directoryHint: .isDirectory)
    let wrong = WrongUsage(description: "--save is \(path); allowed: a folder that can be made or written to")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw wrong
    }
    guard FileManager.default.isWritableFile(atPath: folder.path) else { throw wrong }
    return { network in
      let address = network.probe.address
      let file = folder.appending(path: "\(address.samples)-\(address.replicate).npz")
      try OutputFile.write(network.npz(), to: file, option: "--save")
    }
  }

  private func counts(_ samples: Int, _ probes: [ProbeResult]) -> JSONValue {
    let outcomes = Dictionary(grouping: probes, by: \.end).mapValues {
      JSONValue.integer($0.count)
    }
    return .object([
      "samples": .integer(samples), "replicates": .integer(probes.count), "outcomes": .object(outcomes),
      "fit_frequency": .number(Double(probes.count { $0.outcome == .fit }) / Double(max(1, probes.count))),
    ])
  }
}
