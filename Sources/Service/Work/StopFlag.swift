import Synchronization

/// A flag that is raised once and polled by a training thread at every step.
final class StopFlag: Sendable {
  private let raised = Atomic(false)

  func raise() { raised.store(true, ordering: .relaxed) }
  var isRaised: Bool { raised.load(ordering: .relaxed) }
}
