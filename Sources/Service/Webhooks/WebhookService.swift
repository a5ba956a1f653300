import CoreMetrics
import Foundation
import Logging
import Persistence
import ServiceLifecycle

/// Delivers what the outbox holds, until shutdown.
package struct WebhookService: ServiceLifecycle.Service {
  let store: WebhookStore
  let events: NotificationListener
  let sender: WebhookSender
  /// Whose leases are taken back at the start: those of the process that had this name before.
  let name: String
  let bell: Wakeup
  let exporter: PrometheusExporter
  let logger: Logger

  package init(
    store: WebhookStore, events: NotificationListener, sender: WebhookSender, name: String, bell: Wakeup,
    exporter: PrometheusExporter, logger: Logger
  ) {
    self.store = store
    self.events = events
    self.sender = sender
    self.name = name
    self.bell = bell
    self.exporter = exporter
    self.logger = logger
  }

  /// How long to wait after each attempt that failed; no more attempts after the last: a day in all.
  package static let backoff: [Duration] = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200].map
  { .seconds($0) }

  /// Longer than an attempt can take.
  private static let lease = Duration.seconds(20)
  /// How many are sent at once, each to another webhook.
  private static let atOnce = 16
  /// How long nobody looks where nothing is said; another process may have been told to send one again.
  private static let pollInterval = Duration.seconds(5)

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        group.addTask { await listen() }
        group.addTask { await deliverAll() }
      }
    }
  }

  private func listen() async {
    for await event in events.events() {
      switch event {
      case .job(_, .succeeded, _), .job(_, .failed, _), .job(_, .cancelled, _), .connected: bell.ring()
      default: break
      }
    }
  }

  private func deliverAll() async {
    var isFresh = true
    while !Task.isCancelled {
      let rings = bell.rings
      do {
        if isFresh {
          try await store.takeBack(fromSender: name)
          try await store.deleteOldDeliveries()
          isFresh = false
        }
        let claims = try await store.claim(sender: name, limit: Self.atOnce, lease: Self.lease)
        if !claims.isEmpty {
          // A slow receiver holds up the next look by its timeout at most.
          await withDiscardingTaskGroup { group in
            for claim in claims { group.addTask { await deliver(claim) } }
          }
          continue
        }
        let due = try await store.untilDue() ?? Self.pollInterval
        await bell.wait(after: rings, timeout: min(max(due, .milliseconds(100)), Self.pollInterval))
      } catch {
        if !Task.isCancelled {
          logger.warning("webhooks have no database", metadata: ["error": "\(error)"])
        }
        try? await Task.sleep(for: .seconds(1))
      }
    }
  }

  private func deliver(_ claim: ClaimedDelivery) async {
    let outcome = await attempt(claim)
    let result: String
    do {
      switch outcome {
      case .delivered(let status):
        result = "delivered"
        try await store.recordDelivered(claim, status: status)
      case .failed(let status, let error):
        result = "failed"
        let retry = claim.attempt <= Self.backoff.count ? Self.backoff[claim.attempt - 1] : nil
        logger.notice(
          "a webhook's event was not delivered",
          metadata: [
            "delivery": "\(claim.id)", "attempt": "\(claim.attempt)", "error": "\(error)",
            "retry": "\(retry.map { "\($0)" } ?? "none")",
          ])
        try await store.recordFailed(claim, status: status, error: error, retryAfter: retry)
      }
      Counter(
        label: MetricDeclaration.deliveries.name, dimensions: [("result", result)], factory: exporter
      ).increment()
    } catch {
      // Its lease runs out, and it is sent again.
      logger.warning(
        "what came of a delivery is not recorded", metadata: ["delivery": "\(claim.id)", "error": "\(error)"])
    }
  }

  private func attempt(_ claim: ClaimedDelivery) async -> WebhookSender.Outcome {
    guard let key = WebhookSignature.key(claim.secret) else {
      return .failed(status: nil, error: "its secret can't be read")
    }
    let fields =
      WebhookSignature.fields(
        id: claim.id.shown, seconds: Int(Date().timeIntervalSince1970),
        content: claim.payload,
        key: key) + [("Content-Type", "application/json"), ("User-Agent", "emc-webhooks/1")]
    do {
      return try await sender.send(to: claim.url, fields: fields, content: claim.payload)
    } catch {
      return .failed(status: nil, error: "\(error)")
    }
  }
}
