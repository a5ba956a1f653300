import Compute
import Datasets
import Foundation
import HTTPServer
import Logging
import Persistence
import ServiceLifecycle

/// The long-running commands: start-up, and graceful shutdown on SIGTERM and SIGINT.
///
/// Services stop in the reverse of their order: first the probes under way are handed back, then the API stops
/// accepting, then the database connections close, and at last the private cluster stops. After 9.5 s the process
/// ends however far it has come: what is left of its work others take over when its leases run out.
package enum ServiceProcess {
  /// `emc serve`: the API, with training in the process.
  package static func serve(_ configuration: ServiceConfiguration, logger: Logger) async throws {
    guard configuration.databaseURL == nil else {
      try DataDirectoryRights.secure(configuration.dataDirectory, holdsCluster: false)
      return try await serve(configuration, nil, logger)
    }
    try DataDirectoryRights.secure(configuration.dataDirectory, holdsCluster: true)
    guard let lock = try FileLock(in: configuration.dataDirectory, FileLock.ofServer) else {
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
    // Requests and work have connections of their own, and their own limits of waiting.
    let requests = try Database(url: url, poolSize: 6, limits: .requests, logger: logger)
    let metrics = PrometheusExporter()
    let sender = WebhookSender(allowed: configuration.webhookRanges)
    let bell = Wakeup()
    let events = try NotificationListener(url: url, logger: logger)
    let feed = JobFeed(events: events, database: requests, logger: logger)
    let server = HTTPServer(
      configuration: HTTPServerConfiguration(address: address),
      router: .api(
        database: requests, datasets: datasets, uploadLimit: configuration.datasetLimit,
        memoryLimit: configuration.memoryLimit, workers: configuration.workers,
        access: configuration.access(listeningAt: address),
        metrics: metrics, webhooks: (sender, bell), feed: feed,
        artifacts: ArtifactStore(directory: configuration.dataDirectory),
        hosts: configuration.hosts + [address.host],
        logger: logger),
      logger: logger)
    // A port in use is noticed before anything is begun.
    try server.bind()
    try await migrate(databaseURL: url, logger: logger)
    let database = try Database(url: url, poolSize: 4 + min(configuration.workers, 8), logger: logger)
    try await FirstToken.prepare(
      TokenStore(database: database), for: configuration, listeningAt: address, logger: logger)
    var services: [any ServiceLifecycle.Service] = []
    if let cluster { services.append(Stopping { await cluster.stop() }) }
    services.append(
      Stopping {
        events.close()
        async let closed: Void = requests.close()
        await database.close()
        await closed
      })
    services.append(Listening(server: server))
    metrics.collect { [usages = [("requests", requests), ("work", database)]] in
      usages.flatMap { pool, database in database.usage.samples(pool) }
    }
    services.append(
      WebhookService(
        store: WebhookStore(database: database), events: events, sender: sender, name: identity.name,
        bell: bell,
        exporter: metrics, logger: logger))
    // Before the server drains: whoever waits, or is sent events, is let go.
    services.append(feed)
    // The first to stop: probes are handed back before anything that may take its time.
    services.append(
      WorkService(
        database: database, events: events, datasets: datasets, options: options(configuration),
        identity: identity, metrics: metrics, logger: logger))
    try await run(services, logger: logger)
  }

  /// `emc worker`: training capacity for the service that uses the same database.
  package static func work(_ configuration: ServiceConfiguration, logger: Logger) async throws {
    guard let url = configuration.databaseURL else { preconditionFailure("a worker needs a database") }
    try DataDirectoryRights.secure(configuration.dataDirectory, holdsCluster: false)
    let datasets = library(configuration)
    let identity = try WorkerIdentity(dataDirectory: configuration.dataDirectory)
    try await migrate(databaseURL: url, logger: logger)
    let database = try Database(url: url, poolSize: 4 + min(configuration.workers, 8), logger: logger)
    let events = try NotificationListener(url: url, logger: logger)
    try await run(
      [
        Stopping {
          events.close()
          await database.close()
        },
        WorkService(
          database: database, events: events, datasets: datasets, options: options(configuration),
          identity: identity, logger: logger),
      ], logger: logger)
  }

  private static func options(_ configuration: ServiceConfiguration) -> WorkOptions {
    WorkOptions(
      workers: configuration.workers, memoryLimit: configuration.memoryLimit,
      checkpointLimit: configuration.checkpointLimit, retention: configuration.retention)
  }

  /// `emc migrate`: brings the schema up to date.
  package static func migrate(databaseURL: String, logger: Logger) async throws {
    let database = try Database(url: databaseURL, poolSize: 1, limits: .migrations, logger: logger)
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
    // Whatever doesn't keep to that.
    let deadline = ExitDeadline(after: 9.5, logger: logger)
    try await ServiceGroup(configuration: configuration).run()
    withExtendedLifetime(deadline) {}
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
