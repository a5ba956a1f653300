import Foundation

/// Which jobs a list, a count or a change of many is about: those that meet every condition that is given.
package struct JobFilter: Sendable, Hashable {
  /// In one of these states; empty: in any.
  package var states: Set<JobState> = []
  /// With one of these ids; nil: with any.
  package var ids: [UUID]?
  /// With all of these labels; a value of nil: whatever it is.
  package var labels: [Label] = []
  /// On the data set of this name.
  package var dataset: String?
  /// With a model of this kind.
  package var modelKind: String?
  /// With an optimizer of this kind.
  package var optimizerKind: String?
  /// Whose name contains this, whatever the case.
  package var nameContains: String?
  /// Submitted at this time or later.
  package var createdFrom: Date?
  /// Submitted before this time.
  package var createdBefore: Date?
  /// Ended at this time or later.
  package var finishedFrom: Date?
  /// Ended before this time.
  package var finishedBefore: Date?

  /// A label that jobs must have.
  package struct Label: Sendable, Hashable {
    package let key: String
    /// Nil: any.
    package let value: String?

    /// A condition.
    package init(key: String, value: String?) {
      self.key = key
      self.value = value
    }
  }

  /// All jobs.
  package init(states: Set<JobState> = []) { self.states = states }

  /// States that a job has before it has ended, and after.
  package static let unended: Set<JobState> = [.queued, .running, .paused]
  package static let ended: Set<JobState> = [.succeeded, .failed, .cancelled]
}
