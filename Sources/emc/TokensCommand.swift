import ArgumentParser
import Capacity
import Foundation
import Logging
import Persistence
import Service

/// `emc tokens`: who may use a service. It works on the service's database, so it needs no token itself.
struct TokensCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokens", abstract: "Make, list and revoke the tokens of a service.",
    discussion: "On the service's database: --database-url, or the private cluster of its data directory.",
    subcommands: [Create.self, List.self, Revoke.self])

  /// Where the tokens are.
  struct Place: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "The service's PostgreSQL connection URL. DATABASE_URL; default: its private cluster.",
        valueName: "url"))
    var databaseUrl: String?

    @Option(
      help: ArgumentHelp(
        "The service's data directory. EMC_DATA_DIRECTORY; default: ~/.local/share/emc.",
        valueName: "directory"))
    var dataDirectory: String?

    func withTokens<T: Sendable>(_ body: @escaping @Sendable (TokenStore) async throws -> T) async throws -> T
    {
      try await ServiceProcess.withDatabase(
        url: Environment.value(databaseUrl, "DATABASE_URL"),
        dataDirectory: Environment.dataDirectory(dataDirectory), logger: quietLogger()
      ) { try await body(TokenStore(database: $0)) }
    }
  }

  /// `emc tokens create`
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a token and print it, this once.",
      discussion: "The token alone goes to standard output; what it is, to standard error.")

    @Option(help: "What people call it.")
    var name: String

    @Option(help: "read, submit (which includes read) or admin (which includes both); may be repeated.")
    var scope: [String] = ["read"]

    @Option(
      help: ArgumentHelp(
        "Until when it holds: a time such as 2027-01-31T00:00:00Z, or how long: 45m, 12h, 90d. Default: for ever.",
        valueName: "time"))
    var expires: String?

    @Option(help: "Requests a minute; default: the service's --token-rate.", transform: Environment.integer)
    var rate: Int?

    @Option(
      help: "Jobs that it may have that have not ended; default: any number.", transform: Environment.integer)
    var queueQuota: Int?

    @OptionGroup var place: Place

    func run() async throws {
      let token: NewToken
      do {
        token = try NewToken(
          json: .object([
            "name": .string(name), "scopes": .array(scope.map(JSONValue.string)),
            "rate": .optional(rate), "queue_quota": .optional(queueQuota),
            "expires_at": expires.map { .string(Self.time($0)) } ?? .null,
          ]))
      } catch {
        throw WrongUsage(description: error.faults.map(Self.refusal).joined(separator: "\n"))
      }
      let secret = AccessToken()
      let record = try await place.withTokens { try await $0.create(token, digest: secret.digest) }
      Console.report(record.json)
      print(secret.text)
    }

    /// What the API refuses, in the words of the command line, which writes some of it otherwise.
    private static func refusal(_ fault: SpecificationFault) -> String {
      let member = String(fault.pointer.dropFirst())
      let value = fault.value.map { $0.arrayValue ?? [$0] } ?? []
      let scopes = AccessScope.allCases.map(\.rawValue).joined(separator: ", ")
      let (flag, allowed) =
        switch member {
        case "scopes": ("--scope", "\(scopes), each once")
        case "expires_at":
          (
            "--expires",
            "a time to come, such as 2099-01-31T00:00:00Z, or how long from now, up to \(longest)d: 45m, 12h, 90d"
          )
        case "queue_quota": ("--queue-quota", fault.allowed)
        default: ("--\(member)", fault.allowed)
        }
      return "\(flag) is \(value.map { $0.excerpt().text() }.joined(separator: ", ")); allowed: \(allowed)"
    }

    /// Days, a hundred years.
    private static let longest = 36_500

    /// A time as it is, or one that lies so far ahead.
    private static func time(_ text: String) -> String {
      let units: [Character: Int] = ["m": 60, "h": 3_600, "d": 86_400]
      guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()),
        1...longest * 86_400 / unit ~= count
      else { return text }
      return Date(timeIntervalSinceNow: Double(count * unit)).formatted(.iso8601)
    }
  }

  /// `emc tokens list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the tokens: JSON, as GET /v1/tokens answers.")

    @OptionGroup var place: Place

    func run() async throws {
      let records = try await place.withTokens { try await $0.list() }
      Console.show(.object(["items": .array(records.map(\.json))]))
    }
  }

  /// `emc tokens revoke`
  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "End a token, and the browser sessions that were begun with it.",
      discussion: "A running service notices within two seconds.")

    @Argument(help: "The token's id, as emc tokens list tells it.")
    var id: String

    @OptionGroup var place: Place

    func run() async throws {
      guard let identifier = UUID(uuidString: id) else {
        throw WrongUsage(description: "\(id) is no id; emc tokens list tells them")
      }
      guard try await place.withTokens({ try await $0.revoke(identifier) }) else {
        throw WrongUsage(description: "there is no token with the id \(id) that isn't revoked")
      }
    }
  }
}

/// A logger of what goes wrong, for commands whose output is read by programs.
func quietLogger() -> Logger {
  var logger = Logger(label: "emc") { StreamLogHandler.standardError(label: $0) }
  logger.logLevel = .warning
  return logger
}
