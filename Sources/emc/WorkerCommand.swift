import ArgumentParser
import Foundation
import Logging
import Service

/// `emc worker`: training capacity on another machine.
struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "Train probes of the jobs in a database.")

  @Option(help: "Probes trained at once. EMC_WORKERS; default: one a core.")
  var workers: Int?

  @Option(help: ArgumentHelp("The service's PostgreSQL connection URL. DATABASE_URL.", valueName: "url"))
  var databaseUrl: String?

  @OptionGroup var memory: MemoryOption

  @OptionGroup var checkpoints: CheckpointOption

  @OptionGroup var data: DataOptions

  func run() async throws {
    try await ServiceProcess.work(
      ServiceConfiguration(
        workers: try Environment.workers(workers, atLeast: 1),
        dataDirectory: data.directory,
        datasetMirror: data.mirror,
        memoryLimit: try memory.limit(),
        checkpointLimit: try checkpoints.limit(),
        databaseURL: try requiredDatabaseURL(databaseUrl)),
      logger: standardLogger())
  }
}

/// `emc migrate`: brings a database's schema up to date.
struct Migrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Bring a database's schema up to date.")

  @Option(help: ArgumentHelp("The PostgreSQL connection URL. DATABASE_URL.", valueName: "url"))
  var databaseUrl: String?

  func run() async throws {
    try await ServiceProcess.migrate(
      databaseURL: try requiredDatabaseURL(databaseUrl), logger: standardLogger())
  }
}

/// The connection URL from the flag or the environment.
private func requiredDatabaseURL(_ flag: String?) throws -> String {
  guard let url = Environment.value(flag, "DATABASE_URL") else {
    throw WrongUsage(
      description: "no database: give --database-url postgresql://… or set DATABASE_URL")
  }
  return url
}

/// A logger to standard error at the level that EMC_LOG_LEVEL names (default: info).
func standardLogger() throws -> Logger {
  let level = try Environment.logLevel()
  LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
  var logger = Logger(label: "emc")
  logger.logLevel = level
  return logger
}
