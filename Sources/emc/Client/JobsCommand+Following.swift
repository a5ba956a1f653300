import ArgumentParser
import Capacity
import Foundation

extension JobsCommand {
  /// `emc jobs wait`
  struct Wait: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Wait until jobs have ended, then print them as JSON.",
      discussion: "Exit code 1 when one has failed, 3 when one was cancelled, 124 when the time is over.")

    @Argument(help: "The jobs' ids or addresses.")
    var jobs: [JobID]

    @Option(help: ArgumentHelp("Wait no longer than this.", valueName: "seconds"))
    var timeout: Double?

    @Flag(help: "Print nothing: the exit code says it.")
    var quiet = false

    @OptionGroup var service: ServiceOptions

    func run() async throws {
      if let timeout, !(timeout > 0 && timeout < 1e9) {
        throw WrongUsage(description: "--timeout is \(timeout); allowed: a number of seconds above 0")
      }
      let client = try service.client()
      try await JobExit.mapping {
        do {
          let ended = try await JobFollower(
            client: client, ids: jobs.map(\.text), timeout: timeout.map { .seconds($0) }
          ).run { _ in }
          if !quiet { for job in ended { print(job.text(pretty: ended.count == 1)) } }
          if let code = JobExit.code(ended.compactMap { $0["state"]?.stringValue }) { throw code }
        } catch is JobFollower.TimedOut {
          FileHandle.standardError.write(Data("emc: not all jobs have ended\n".utf8))
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

    @Argument(help: "The jobs' ids or addresses.")
    var jobs: [JobID] = []

    @OptionGroup var service: ServiceOptions

    func run() async throws {
      let client = try service.client()
      try await JobExit.mapping {
        var ids = jobs.map(\.text)
        if ids.isEmpty {
          for state in ["running", "queued"] {
            let page = try await client.get("/v1/jobs", query: [("state", state), ("limit", "50")])
            ids += (page["items"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
          }
        }
        guard !ids.isEmpty else { return print("No job is queued or running.") }
        var block = StatusBlock()
        let ended = try await JobFollower(client: client, ids: ids, timeout: nil).run {
          block.show($0.map { JobDisplay(job: $0).line() })
        }
        for text in ended.compactMap({ $0["result"]?["summary"]?.stringValue }) { print(text) }
        if let code = JobExit.code(ended.compactMap { $0["state"]?.stringValue }) { throw code }
      }
    }
  }

  /// `emc jobs cancel`
  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Cancel jobs that have not ended; what they have measured is kept.")

    @Argument(help: "The jobs' ids or addresses.")
    var jobs: [JobID]

    @OptionGroup var service: ServiceOptions

    func run() async throws {
      let client = try service.client()
      try await JobExit.mapping {
        for job in jobs {
          let answer = try await client.send("POST", "/v1/jobs/\(job.text)/cancel").json()
          print("\(job.text) \(answer["state"]?.stringValue ?? "")")
        }
      }
    }
  }
}
