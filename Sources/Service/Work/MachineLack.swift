import Capacity
import Datasets
import Foundation

/// What one machine lacks to work on something that another may well have: the data, a mirror that answers, room on its
/// disk. It is no fault of the job's.
package struct MachineLack: Sendable, Hashable {
  /// In words, as a job shows it under `waiting_for`: nothing of where files lie on the machine.
  package let reason: String

  /// - Parameter hasMirror: whether this machine fetches data from a mirror of its own: what that delivers says nothing
  ///   about what others get.
  /// - Returns: nil for a fault that every machine would find.
  package init?(_ error: any Error, dataset name: String, hasMirror: Bool) {
    switch error {
    case ProbeError.datasetMissing(_, let digest):
      reason =
        "the data set \(name) (digest \(digest)) on a machine that trains: add it there (emc datasets add)"
    case ProbeError.datasetChanged(_, let asked, _):
      reason =
        "the data set \(name) with the digest \(asked) on a machine that trains: those that have looked have "
        + "other content under this name"
    case let error as DatasetError:
      switch error {
      case .unreachable, .unreadable, .directoryNotWritable: break
      case .wrongChecksum, .malformed, .truncated: guard hasMirror else { return nil }
      default: return nil
      }
      reason = "the data set \(name): \(error.withoutPaths)"
    default: return nil
    }
  }

  package init(reason: String) { self.reason = reason }
}
