import ArgumentParser
import Capacity
import Foundation

extension JobsCommand {
  /// `emc jobs list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List jobs, newest first.")

    @OptionGroup var filter: JobFilterOptions

    @Option(help: "created, finished, name, priority or emc, with a - before it from the largest down.")
    var sort: String?

    @Option(help: "At most so many [50].", transform: Environment.integer)
    var limit = 50

    @Flag(help: "A line of JSON a job.")
    var json = false

    @OptionGroup var service: ServiceOptions

    func run() async throws {
      guard limit >= 1 else {
        throw WrongUsage(description: "--limit is \(limit); allowed: an integer from 1 on")
      }
      let client = try service.client()
      try await JobExit.mapping {
        let query = filter.query + (sort.map { [("sort", $0)] } ?? [])
        let (jobs, hasMore) = try await client.list("/v1/jobs", query: query, limit: limit)
        if json {
          for job in jobs { Console.show(job, pretty: false) }
        } else {
          Console.show(JobDisplay.table(jobs))
          if hasMore { Console.report("there are more; --limit shows them") }
        }
      }
    }
  }

  /// `emc jobs show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a job as JSON: its specification, its progress, its result with every probe.")

    @Argument(help: "The job's id or address.", transform: JobID.init(parsing:))
    var job: JobID

    @Flag(help: "In words instead.")
    var summary = false

    @OptionGroup var service: ServiceOptions

    func run() async throws {
      let client = try service.client()
      try await JobExit.mapping {
        let answer = try await client.get("/v1/jobs/\(job.text)")
        guard summary else { return Console.show(answer) }
        Console.show(JobDisplay(job: answer).line)
        if let text = answer["result"]?["summary"]?.stringValue { Console.show(text) }
        if let text = answer["error"]?["detail"]?.stringValue {
          Console.show(text.split(separator: "\n").map(String.init))
        }
      }
    }
  }

  /// `emc jobs results`
  struct Results: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the results of ended jobs, a row each; of one job, its probes.",
      discussion:
        "The columns are those of every export. Without ids all results that pass the filters are printed.")

    @Argument(
      help: "The jobs' ids; of one job alone its probes are printed.", transform: JobID.init(parsing:))
    var jobs: [JobID] = []

    @OptionGroup var filter: JobFilterOptions

    @Option(help: "csv, ndjson or json.")
    var format = "csv"

    @Option(help: ArgumentHelp("A file to write instead of standard output.", valueName: "file"))
    var output: String?

    @OptionGroup var service: ServiceOptions

    func run() async throws {
      guard ["csv", "ndjson", "json"].contains(format) else {
        throw WrongUsage(description: "--format is \(format); allowed: csv, ndjson or json")
      }
      let client = try service.client()
      try await JobExit.mapping {
        let answer: ServiceClient.Answer
        if jobs.count == 1 {
          answer = try await client.send(
            "GET", "/v1/jobs/\(jobs[0].text)/probes", query: [("format", format)], timeout: 600)
        } else {
          let ids = jobs.isEmpty ? [] : [("id", jobs.map(\.text).joined(separator: ","))]
          answer = try await client.send(
            "GET", "/v1/results", query: filter.query + ids + [("format", format)], timeout: 600)
        }
        guard let output else { return Console.copy(answer.body) }
        try OutputFile.write(answer.body, to: URL(filePath: output), option: "--output")
      }
    }
  }
}
