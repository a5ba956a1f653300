import ArgumentParser

/// `emc`: measures how much data a neural network can really fit.
@main
struct EMC: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "emc", abstract: "Measures how much data a neural network can really fit.")
}
