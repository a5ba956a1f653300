import ArgumentParser
import Capacity
import Foundation

extension JobsCommand {
  /// `emc jobs wait`
  struct Wait: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Wait until jobs have ended, then print them as JSON.",
      discussion: "Exit code 1 when one has failed, 3 when one was cancelled, 124 when the time is over.")

    @Argument(help: "The jobs' ids or addresses.", transform: JobID.init(parsing:))
    var jobs: [JobID]

    @Option(help: ArgumentHelp("Wait no longer than this.", valueName: "seconds"), transform: Self.seconds)
    var timeout: Double?

    @Flag(help: "Print nothing: the exit code says it.")
    var quiet = false

    @OptionGroup var service: ServiceOptions

    @Sendable private static func seconds(_ text: String) throws -> Double {
      guard let seconds = Double(text), seconds > 0, seconds < 1e9 else {
        throw WrongUsage(description: "allowed: a number of seconds above 0 and below 1e9")
      }
      return seconds
    }

    func run() async throws {
      let client = try service.client()
      try await JobExit.mapping {
        do {
          let ended = try await JobFollower(
            client: client, ids: jobs.map(\.text), timeout: timeout.map { .seconds($0) }
          ).run { _ in }
          if !quiet { for job in ended { Console.show(job, pretty: ended.count == 1) } }
          if let code = JobExit.code(ended.compactMap { $0["state"]?.stringValue }) { throw code }
        } catch is JobFollower.TimedOut {
          Console.report("emc: not all jobs have ended")
          throw JobExit.timedOut
        }
      }
    }
  }

  /// `emc jobs watch`
  struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show how jobs close in, with a progress bar each, until they have ended.",
      discussion:
        "Without ids: all jobs that are queued or running now. On no terminal a line whenever one changes.")

    @Argument(help: "The jobs' ids or addresses.", transform: JobID.init(parsing:))
    var jobs: [JobID] = []

    @OptionGroup var service: ServiceOptions

    func run() async throws {
      let client = try service.client()
      try await JobExit.mapping {
        var ids = jobs.map(\.text)
        if ids.isEmpty {
          // The oldest first: most that run stand above those that wait.
          let query = [("state", "running,queued"), ("sort", "created")]
          ids = try await client.list("/v1/jobs", query: query).items.compactMap { $0["id"]?.stringValue }
        }
        guard !ids.isEmpty else { return Console.show("No job is queued or running.") }
        var lines = StatusLines()
        let ended = try await JobFollower(client: client, ids: ids, timeout: nil).run {
          lines.show($0.map { JobDisplay(job: $0).line })
        }
        Console.show(ended.compactMap { $0["result"]?["summary"]?.stringValue })
        if let code = JobExit.code(ended.compactMap { $0["state"]?.stringValue }) { throw code }
      }
    }
  }

  /// `emc jobs cancel`
  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Cancel jobs that have not ended; what they have measured is kept.")

    @Argument(help: "The jobs' ids or addresses; there may be none.", transform: JobID.init(parsing:))
    var jobs: [JobID] = []

    @OptionGroup var service: ServiceOptions

    func run() async throws {
      let client = try service.client()
      // A list that jobs were to be taken from may be empty.
      guard !jobs.isEmpty else {
        return Console.report("emc: no job is given, so there is nothing to cancel")
      }
      try await JobExit.mapping {
        for job in jobs {
          let answer = try await client.send("POST", "/v1/jobs/\(job.text)/cancel").json()
          Console.show("\(job.text) \(answer["state"]?.stringValue ?? "")")
        }
      }
    }
  }
}
