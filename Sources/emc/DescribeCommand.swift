import ArgumentParser
import Capacity
import Foundation

/// `emc describe`: what a specification's network is and takes, without training it.
struct Describe: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Describe a specification's network: layers, parameters, operations, memory.",
    discussion: "JSON on standard output; memory is in bytes, for probes of --samples samples.")

  @OptionGroup var source: SpecificationOption

  @Option(help: "The size of the probes whose memory is told; default: the specification's initial_samples.")
  var samples: Int?

  @OptionGroup var memory: MemoryOption

  @OptionGroup var data: DataOptions

  func run() throws {
    let admission = try source.admit(data.library, memoryLimit: memory.limit())
    let samples = samples ?? admission.specification.search.initialSamples
    let limit = admission.sampleLimit
    guard (1...limit).contains(samples) else {
      throw WrongUsage(description: "--samples is \(samples); allowed: an integer from 1 to \(limit)")
    }
    Console.show(admission.description(samples: samples))
  }
}
