import Compute
import Datasets
import Foundation
import HTTPServer
import Logging
import Persistence
import ServiceLifecycle

/// The long-running commands: start-up, and graceful shutdown on SIGTERM and SIGINT.
///
/// Services stop in the reverse of their order: first the API stops accepting, then the probes under way are
/// handed back and the trainers joined, then the database connections close, and at last the private cluster
/// stops.
package enum ServiceProcess {
  /// `emc serve`: the API, with training in the process.
  package static func serve(_ configuration: ServiceConfiguration, logger: Logger) async throws {
    guard configuration.databaseURL == nil else { return try await serve(configuration, nil, logger) }
    guard let lock = try FileLock(configuration.dataDirectory.appending(path: "serve.lock")) else {
      throw DataDirectoryError.inUse(path: configuration.dataDirectory.path)
    }
    let cluster = PrivateCluster(
      directory: configuration.dataDirectory.appending(path: "postgresql"), logger: logger)
    do {
      try await serve(configuration, cluster, logger)
    } catch {
      await cluster.stop()
      throw error
    }
    withExtendedLifetime(lock) {}
  }

  private static func serve(
    _ configuration: ServiceConfiguration, _ cluster: PrivateCluster?, _ logger: Logger
  ) async throws {
    let address = try HTTPAddress(configuration.listen)
    let datasets = library(configuration)
    // A day: nothing that is still being received or decoded is that old.
    datasets.removeAbandoned(before: Date(timeIntervalSinceNow: -86_400))
    let identity = try WorkerIdentity(dataDirectory: configuration.dataDirectory)
    guard let url = try await cluster?.start() ?? configuration.databaseURL else {
      preconditionFailure("a service has a cluster or a database")
    }
    let database = try Database(url: url, poolSize: 4 + min(configuration.workers, 16), logger: logger)
    let server = HTTPServer(
      configuration: HTTPServerConfiguration(address: address),
      router: .api(
        database: database, datasets: datasets, uploadLimit: configuration.datasetLimit, logger: logger),
      logger: logger)
    do {
      // A port in use is noticed before anything is begun.
      try server.bind()
      _ = try await database.migrate()
    } catch {
      await database.close()
      throw error
    }
    var services: [any ServiceLifecycle.Service] = []
    if let cluster { services.append(Stopping { await cluster.stop() }) }
    services.append(Stopping { await database.close() })
    services.append(
      WorkService(
        database: database, datasets: datasets, workers: configuration.workers, identity: identity,
        logger: logger))
    services.append(Listening(server: server))
    try await run(services, logger: logger)
  }

  /// `emc worker`: training capacity for the service that uses the same database.
  package static func work(_ configuration: ServiceConfiguration, logger: Logger) async throws {
    guard let url = configuration.databaseURL else { preconditionFailure("a worker needs a database") }
    let datasets = library(configuration)
    let identity = try WorkerIdentity(dataDirectory: configuration.dataDirectory)
    let database = try Database(url: url, poolSize: 2 + min(configuration.workers, 16), logger: logger)
    do {
      _ = try await database.migrate()
    } catch {
      await database.close()
      throw error
    }
    try await run(
      [
        Stopping { await database.close() },
        WorkService(
          database: database, datasets: datasets, workers: configuration.workers, identity: identity,
          logger: logger),
      ], logger: logger)
  }

  /// `emc migrate`: brings the schema up to date.
  package static func migrate(databaseURL: String, logger: Logger) async throws {
    let database = try Database(url: databaseURL, poolSize: 1, logger: logger)
    do {
      let applied = try await database.migrate()
      logger.info("schema is up to date", metadata: ["applied": "\(applied)"])
    } catch {
      await database.close()
      throw error
    }
    await database.close()
  }

  private static func library(_ configuration: ServiceConfiguration) -> DatasetLibrary {
    BLAS.useOneThread()
    return DatasetLibrary(directory: configuration.dataDirectory, mirror: configuration.datasetMirror)
  }

  private static func run(_ services: [any ServiceLifecycle.Service], logger: Logger) async throws {
    var configuration = ServiceGroupConfiguration(
      services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
      logger: logger)
    configuration.maximumGracefulShutdownDuration = .seconds(9)
    try await ServiceGroup(configuration: configuration).run()
  }
}

/// Holds its place in the order of services and runs an action when its turn to stop has come.
private struct Stopping: ServiceLifecycle.Service {
  let action: @Sendable () async -> Void

  func run() async throws {
    try? await gracefulShutdown()
    await action()
  }
}

/// The HTTP server as a service.
private struct Listening: ServiceLifecycle.Service {
  let server: HTTPServer

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await server.run()
    } onGracefulShutdown: {
      server.triggerGracefulShutdown()
    }
  }
}
