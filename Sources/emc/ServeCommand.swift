import ArgumentParser
import Foundation
import Logging
import Service

/// `emc serve`: the HTTP service, with training workers in the process.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve the HTTP API and train.",
    discussion: "Without a database URL a private PostgreSQL cluster is kept in the data directory.")

  @Option(
    help: ArgumentHelp(
      "Where to listen: an address or a name with a port, [::1]:8080, or unix:/path. EMC_LISTEN; default: 127.0.0.1:8080.",
      valueName: "host:port"))
  var listen: String?

  @Option(
    help: ArgumentHelp(
      "A name that requests may address the service by, beside localhost and addresses in digits; may be repeated. EMC_ALLOWED_HOSTS, with commas.",
      valueName: "name"))
  var allowedHost: [String] = []

  @OptionGroup var access: AccessOptions

  @Option(
    help: ArgumentHelp(
      "A range of addresses that webhooks may lead to although it is not public, as 192.168.7.0/24; may be repeated. EMC_WEBHOOK_ALLOW, with commas.",
      valueName: "range"))
  var webhookAllow: [String] = []

  @Option(help: "Probes trained at once; 0 leaves training to emc worker. EMC_WORKERS; default: one a core.")
  var workers: Int?

  @Option(help: ArgumentHelp("A PostgreSQL connection URL. DATABASE_URL.", valueName: "url"))
  var databaseUrl: String?

  @Option(
    help: ArgumentHelp(
      "Largest upload of a data set in bytes; K, M or G stand for powers of 1024. EMC_DATASET_LIMIT; default: 16G.",
      valueName: "bytes"))
  var datasetLimit: String?

  @Option(
    help: ArgumentHelp(
      "Delete jobs so long after their end, such as 30d or 12h. EMC_RETENTION; default: they stay.",
      valueName: "age"))
  var retention: String?

  @OptionGroup var memory: MemoryOption

  @OptionGroup var checkpoints: CheckpointOption

  @OptionGroup var data: DataOptions

  func run() async throws {
    var configuration = ServiceConfiguration(
      listen: Environment.value(listen, "EMC_LISTEN") ?? "127.0.0.1:8080",
      hosts: Environment.list(allowedHost, "EMC_ALLOWED_HOSTS"),
      workers: try Environment.workers(workers, atLeast: 0),
      dataDirectory: data.directory,
      datasetMirror: data.mirror,
      datasetLimit: try Environment.bytes(datasetLimit, "--dataset-limit", "EMC_DATASET_LIMIT")
        ?? ServiceConfiguration.defaultDatasetLimit,
      memoryLimit: try memory.limit(),
      checkpointLimit: try checkpoints.limit(),
      retention: try Environment.age(retention, "--retention", "EMC_RETENTION"),
      databaseURL: Environment.value(databaseUrl, "DATABASE_URL"))
    try access.apply(to: &configuration)
    configuration.webhookRanges = try Environment.list(
      webhookAllow, "--webhook-allow", "EMC_WEBHOOK_ALLOW",
      allowed: "an address or a range such as 192.168.7.0/24 or fd00::/8", AddressRange.init)
    try await ServiceProcess.serve(configuration, logger: standardLogger())
  }
}

/// Who may use the service.
struct AccessOptions: ParsableArguments {
  @Flag(help: "Refuse requests without a token, on loopback too. EMC_REQUIRE_TOKENS=true.")
  var requireTokens = false

  @Flag(
    help: "Let anybody who reaches the service do everything, beyond loopback too. EMC_ALLOW_ANONYMOUS=true.")
  var allowAnonymous = false

  @Option(
    help: "Requests a minute of a token without a rate of its own. EMC_TOKEN_RATE; default: 6000.")
  var tokenRate: Int?

  @Option(
    help: ArgumentHelp(
      "An origin whose pages may use the API with a token, as https://grafana.example; may be repeated. EMC_ALLOWED_ORIGINS, with commas.",
      valueName: "origin"))
  var allowedOrigin: [String] = []

  @Option(
    help: ArgumentHelp(
      "Where the token of an administrator is written that is made at the first start, if there is none. EMC_FIRST_TOKEN_FILE.",
      valueName: "file"))
  var firstTokenFile: String?

  func apply(to configuration: inout ServiceConfiguration) throws {
    configuration.requiresTokens = try Environment.flag(requireTokens, "EMC_REQUIRE_TOKENS")
    configuration.allowsAnonymous = try Environment.flag(allowAnonymous, "EMC_ALLOW_ANONYMOUS")
    if configuration.requiresTokens, configuration.allowsAnonymous {
      throw WrongUsage(
        description: "--require-tokens and --allow-anonymous contradict each other; give one of them")
    }
    if let rate = try Environment.integer(tokenRate, "--token-rate", "EMC_TOKEN_RATE", in: 1...1_000_000) {
      configuration.tokenRate = rate
    }
    configuration.origins = try Environment.list(
      allowedOrigin, "--allowed-origin", "EMC_ALLOWED_ORIGINS",
      allowed: "an origin as browsers send it, such as https://grafana.example"
    ) { text in
      text.wholeMatch(of: /https?:\/\/[A-Za-z0-9.\-]+(:\d+)?|https?:\/\/\[[0-9a-f:]+\](:\d+)?/) == nil
        ? nil : text
    }
    configuration.firstTokenFile = Environment.value(firstTokenFile, "EMC_FIRST_TOKEN_FILE")
  }
}
