import Synchronization

/// Memory that all requests together may fill with content that is collected before it is looked at.
package final class ByteBudget: Sendable {
  private let available: Mutex<Int>

  package init(_ bytes: Int) { available = Mutex(bytes) }

  /// False: there is no room for so many.
  func take(_ bytes: Int) -> Bool {
    available.withLock { available in
      guard bytes <= available else { return false }
      available -= bytes
      return true
    }
  }

  func giveBack(_ bytes: Int) {
    available.withLock { $0 += bytes }
  }
}
