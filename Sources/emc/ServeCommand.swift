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
    try await ServiceProcess.serve(
      ServiceConfiguration(
        listen: Environment.value(listen, "EMC_LISTEN") ?? "127.0.0.1:8080",
        hosts: allowedHost.isEmpty
          ? (Environment.value(nil, "EMC_ALLOWED_HOSTS") ?? "").split(separator: ",")
            .map { $0.trimmingCharacters(in: .whitespaces) }
          : allowedHost,
        workers: try Environment.workers(workers, atLeast: 0),
        dataDirectory: data.directory,
        datasetMirror: data.mirror,
        datasetLimit: try Environment.bytes(datasetLimit, "--dataset-limit", "EMC_DATASET_LIMIT")
          ?? ServiceConfiguration.defaultDatasetLimit,
        memoryLimit: try memory.limit(),
        checkpointLimit: try checkpoints.limit(),
        retention: try Environment.age(retention, "--retention", "EMC_RETENTION"),
        databaseURL: Environment.value(databaseUrl, "DATABASE_URL")),
      logger: standardLogger())
  }
}
