import Synchronization

/// A flag that is raised once and polled by a training thread at every step.
package final class StopFlag: Sendable {
  private let raised = Atomic(false)

  package init() {}

  func raise() { raised.store(true, ordering: .relaxed) }
  var isRaised: Bool { raised.load(ordering: .relaxed) }
}
