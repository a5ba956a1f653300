import CoreMetrics
import Foundation
import Logging
import Persistence
import ServiceLifecycle
import Synchronization

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
  /// The least time between two looks of which the first found nothing; the longer one while something is sent, since what
  /// waits behind it is due and can't be claimed. Its end rings.
  private static let pauses = (idle: Duration.milliseconds(100), sending: Duration.seconds(1))

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

  /// Claims as many as there is room for beside those that are being sent: who doesn't answer holds up its own events alone.
  private func deliverAll() async {
    let sending = Sending()
    await withDiscardingTaskGroup { group in
      var isFresh = true
      while !Task.isCancelled {
        let rings = bell.rings
        do {
          if isFresh {
            try await store.takeBack(fromSender: name)
            try await store.deleteOldDeliveries()
            isFresh = false
          }
          let room = Self.atOnce - sending.count
          guard room > 0 else {
            await bell.wait(after: rings, timeout: Self.pollInterval)
            continue
          }
          let claims = try await store.claim(sender: name, limit: room, lease: Self.lease)
          for claim in claims {
            sending.add(1)
            group.addTask {
              await deliver(claim)
              sending.add(-1)
              bell.ring()
            }
          }
          guard claims.isEmpty else { continue }
          let due = try await store.untilDue() ?? Self.pollInterval
          let pause = sending.count > 0 ? Self.pauses.sending : Self.pauses.idle
          await bell.wait(after: rings, timeout: min(max(due, pause), Self.pollInterval))
        } catch {
          if !Task.isCancelled {
            logger.warning("webhooks have no database", metadata: ["error": "\(error)"])
          }
          try? await Task.sleep(for: .seconds(1))
        }
      }
    }
  }

  /// How many are being sent.
  private final class Sending: Sendable {
    private let state = Mutex(0)
    var count: Int { state.withLock { $0 } }
    func add(_ change: Int) { state.withLock { $0 += change } }
  }

  private func deliver(_ claim: ClaimedDelivery) async {
    // Called off by the shutdown: nobody else sends it before its lease has run out, or this process has started again.
    guard let outcome = await attempt(claim) else { return }
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

  /// What came of an attempt; nil where it was called off.
  private func attempt(_ claim: ClaimedDelivery) async -> WebhookSender.Outcome? {
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
    } catch is CancellationError {
      return nil
    } catch {
      return .failed(status: nil, error: "\(error)")
    }
  }
}
