import Foundation
import Synchronization

/// Whether SIGINT has come since `InterruptSignal.watch`.
private let interruptHasCome = Atomic(false)

/// SIGINT, noted instead of ending the process.
enum InterruptSignal {
  static func watch() {
    signal(SIGINT) { _ in interruptHasCome.store(true, ordering: .relaxed) }
  }

  static var hasCome: Bool { interruptHasCome.load(ordering: .relaxed) }
}
