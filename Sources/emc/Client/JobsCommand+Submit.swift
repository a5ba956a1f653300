import ArgumentParser
import Capacity
import Foundation

extension JobsCommand {
  /// `emc jobs submit`
  struct Submit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Submit measurements; the ids go to standard output, a line each.",
      discussion: """
        A file has one specification, or several: an array of them, or one a line. All are accepted or none. With --wait the \
        results go to standard output instead, as emc jobs wait prints them.
        """)

    @Argument(help: ArgumentHelp("Files with specifications; - reads standard input.", valueName: "file"))
    var files: [String]

    @Option(help: ArgumentHelp("A label of the jobs; may be repeated.", valueName: "key=value"))
    var label: [String] = []

    @Option(help: "Jobs of a higher priority are trained first.", transform: Environment.integer)
    var priority: Int?

    @Flag(help: "Wait for the ends, with progress on standard error.")
    var wait = false

    @OptionGroup var service: ServiceOptions

    func run() async throws {
      let client = try service.client()
      let labels = try self.labels()
      let specifications = try files.flatMap(Self.specifications)
      try await JobExit.mapping {
        let ids = try await submit(specifications, labels, to: client)
        guard wait else { return Console.show(ids) }
        var lines = StatusLines()
        let jobs = try await JobFollower(client: client, ids: ids, timeout: nil).run {
          lines.show($0.map { JobDisplay(job: $0).line })
        }
        for job in jobs { Console.show(job, pretty: jobs.count == 1) }
        if let code = JobExit.code(jobs.compactMap { $0["state"]?.stringValue }) { throw code }
      }
    }

    private func submit(
      _ specifications: [JSONValue], _ labels: [String: JSONValue], to client: ServiceClient
    ) async throws -> [String] {
      let documents = specifications.map { marked($0, labels) }
      let body = Data((documents.count == 1 ? documents[0] : .array(documents)).text().utf8)
      let answer = try await client.send(
        "POST", "/v1/jobs", body: body, headers: ["Idempotency-Key": UUID().uuidString]
      ).json()
      return (answer["items"]?.arrayValue ?? [answer]).compactMap { $0["id"]?.stringValue }
    }

    /// The document with the labels and the priority that the command line asks for.
    private func marked(_ document: JSONValue, _ labels: [String: JSONValue]) -> JSONValue {
      guard !labels.isEmpty || priority != nil, case .object(var members) = document else { return document }
      var options: [String: JSONValue] = if case .object(let own)? = members["job"] { own } else { [:] }
      var all: [String: JSONValue] = if case .object(let own)? = options["labels"] { own } else { [:] }
      all.merge(labels) { $1 }
      if !all.isEmpty { options["labels"] = .object(all) }
      if let priority { options["priority"] = .integer(priority) }
      members["job"] = .object(options)
      return .object(members)
    }

    private func labels() throws -> [String: JSONValue] {
      var labels: [String: JSONValue] = [:]
      for text in label {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
          throw WrongUsage(description: "--label is \(text); allowed: KEY=VALUE")
        }
        labels[String(parts[0])] = .string(String(parts[1]))
      }
      return labels
    }

    /// One document, or an array's elements, or one a line.
    private static func specifications(_ path: String) throws -> [JSONValue] {
      let file = InputFile(path: path)
      let data = try file.bytes()
      do {
        let value = try JSONValue(parsing: data)
        return value.arrayValue ?? [value]
      } catch {
        let lines = data.split(separator: 0x0A).filter { !$0.allSatisfy { $0 <= 0x20 } }
        guard lines.count > 1, let values = try? lines.map({ try JSONValue(parsing: Data($0)) }) else {
          throw WrongUsage(description: "\(file.name) is no JSON: \(error)")
        }
        return values
      }
    }
  }
}
