import ArgumentParser
import Capacity
import Foundation
import Service

/// `emc`: measures how much data a neural network can really fit.
@main
struct EMC: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "emc",
    abstract: "Measures how much data a neural network can really fit.",
    discussion: "Exit codes: 0, 1 when a run fails, 2 for wrong usage or a specification that can't be run.",
    version: emcVersion,
    subcommands: [
      Measure.self, StudyCommand.self, Plot.self, Serve.self, WorkerCommand.self, ProbeCommand.self,
      Simulate.self, Describe.self, Migrate.self, JobsCommand.self,
      DatasetsCommand.self, TokensCommand.self, BenchmarkCommand.self,
    ])

  /// Runs a command; maps what it throws to one line (or one a fault) on standard error and an exit code.
  static func main() async {
    reserveStandardDescriptors()
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let error as WrongUsage {
      fail(error.description, code: 2)
    } catch  where exitCode(for: error) == .failure && !(error is ExitCode) {
      let failure = CommandFailure(error)
      fail(failure.message, code: failure.code)
    } catch {
      let code = exitCode(for: error)
      if code != .validationFailure { exit(withError: error) }
      Console.report(fullMessage(for: error))
      Foundation.exit(2)
    }
  }

  private static func fail(_ message: String, code: Int32) -> Never {
    Console.report("emc: \(message)")
    Foundation.exit(code)
  }
}
