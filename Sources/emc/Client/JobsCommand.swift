import ArgumentParser
import Capacity
import Foundation

/// `emc jobs`: what clients do with a running service.
struct JobsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "Submit, follow and read measurements of a running service.",
    discussion: """
      EMC_URL is the service's address, EMC_TOKEN a token where it wants one. Exit codes: 0; 1 when a job failed or the \
      service says no; 2 for wrong usage or a specification that can't be run; 3 when a job was cancelled; 4 when nobody \
      answers at the address; 124 when the time to wait is over.
      """,
    subcommands: [
      Submit.self, List.self, Show.self, Wait.self, Cancel.self, Watch.self, Results.self,
    ])
}

/// How commands of `emc jobs` end other than by 0.
enum JobExit {
  static let failed = ExitCode(1)
  static let cancelled = ExitCode(3)
  static let unreachable = ExitCode(4)
  static let timedOut = ExitCode(124)

  /// By the states that jobs have ended in: the gravest decides.
  static func code(_ states: some Sequence<String>) -> ExitCode? {
    let states = Set(states)
    return states.contains("failed") ? failed : states.contains("cancelled") ? cancelled : nil
  }

  /// Runs a command's work; what the service says or doesn't say goes to standard error, and decides the exit code.
  static func mapping(_ work: () async throws -> Void) async throws {
    do {
      try await work()
    } catch let error as ServiceClient.Problem {
      Console.report("emc: \(error)")
      throw [400, 413, 415, 422].contains(error.status) ? ExitCode(2) : failed
    } catch let error as ServiceClient.Unreachable {
      Console.report("emc: \(error)")
      throw unreachable
    }
  }
}

/// The id of a job, or the address of one.
struct JobID: Sendable {
  let text: String

  /// - Throws: `WrongUsage`, which the parser puts behind what was given.
  init(parsing argument: String) throws {
    let last = argument.split(separator: "/").last.map(String.init) ?? argument
    guard let id = UUID(uuidString: last) else {
      throw WrongUsage(
        description:
          "a job's id is a UUID as emc jobs list shows it (\(Self.example)); allowed too: its whole address")
    }
    text = id.uuidString.lowercased()
  }

  private static let example = "0f8fad5b-d9cb-469f-a165-70867728950e"
}

/// Which jobs a list is about.
struct JobFilterOptions: ParsableArguments {
  @Option(
    help: "Only these states, with commas between: queued, running, paused, succeeded, failed, cancelled.")
  var state: String?

  @Option(help: "Only jobs whose name contains this.")
  var name: String?

  @Option(help: "Only jobs on this data set.")
  var dataset: String?

  @Option(help: "Only jobs with this kind of model.")
  var model: String?

  @Option(help: "Only jobs with this optimizer.")
  var optimizer: String?

  @Option(help: ArgumentHelp("Only jobs with this label; may be repeated.", valueName: "key=value"))
  var label: [String] = []

  /// The parameters of the query.
  var query: [(String, String)] {
    let pairs = [
      ("state", state), ("name_contains", name), ("dataset", dataset), ("model", model),
      ("optimizer", optimizer),
    ]
    return pairs.compactMap { name, value in value.map { (name, $0) } } + label.map { ("label", $0) }
  }
}
