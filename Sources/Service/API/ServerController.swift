import Capacity
import Compute
import Foundation
import HTTPServer
import Persistence

/// The service itself: what it is, what waits, who works.
struct ServerController: Sendable {
  let overview: ServiceOverview
  let uploadLimit: Int
  let memoryLimit: Int
  private let startedAt = Date()

  init(overview: ServiceOverview, uploadLimit: Int, memoryLimit: Int) {
    self.overview = overview
    self.uploadLimit = uploadLimit
    self.memoryLimit = memoryLimit
  }

  func register(on router: inout Router) {
    router.on(.get, "/v1/server", parameters: []) { _ in try await server() }
    router.on(.get, "/v1/workers", parameters: []) { _ in try await workers() }
  }

  private func server() async throws -> HTTPResponse {
    let queue = try await overview.queue()
    let processes = try await overview.processes().filter(\.isAlive)
    return .json(
      .object([
        "version": .string(emcVersion), "engine_revision": .integer(engineRevision),
        "kernels": .string(BLAS.kernels), "started_at": JSONValue(startedAt),
        "workers": .object([
          "processes": .integer(processes.count),
          "threads": .integer(processes.reduce(0) { $0 + $1.workers }),
        ]),
        "queue": .object([
          "jobs": .object(queue.jobs.mapValues(JSONValue.integer)),
          "probes": .object(queue.probes.mapValues(JSONValue.integer)),
          "head_age_seconds": queue.headAge.map { .number($0.inSeconds) } ?? .null,
        ]),
        "limits": .object([
          "body_bytes": .integer(HTTPLimits().bodyBytes),
          "submission_bytes": .integer(SubmissionsController.bodyLimit),
          "dataset_bytes": .integer(uploadLimit),
          "memory_bytes": .integer(memoryLimit), "page_items": .integer(Page.limits.upperBound),
        ]),
      ]))
  }

  private func workers() async throws -> HTTPResponse {
    let items = try await overview.processes().map { process in
      JSONText.object([
        "name": .value(.string(process.name)), "engine_revision": .value(.integer(process.engineRevision)),
        "workers": .value(.integer(process.workers)), "started_at": .value(JSONValue(process.startedAt)),
        "seen_at": .value(JSONValue(process.seenAt)), "alive": .value(.bool(process.isAlive)),
        "probes": .stored(process.probes),
      ])
    }
    return .json(.object(["items": .array(items)]))
  }
}

extension Duration {
  /// As a number of seconds.
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
