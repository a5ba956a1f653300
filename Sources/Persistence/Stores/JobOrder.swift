/// What jobs are listed by.
package enum JobOrder: String, Sendable, Hashable, CaseIterable {
  /// When they were submitted.
  case created
  /// When they ended; only jobs that have.
  case finished
  /// By name, in the order of its small letters' code points; jobs without one first.
  case name
  case priority
  /// The EMC; only jobs that have one.
  case emc
}

/// The last job of a page: where the next one begins, whatever has come or gone in between.
package struct JobCursor: Sendable, Hashable {
  /// What it was listed by, in PostgreSQL's text form; nil where that is the sequence.
  package let key: String?
  /// The job's place in the order of submission.
  package let sequence: Int64

  /// A place.
  package init(key: String? = nil, sequence: Int64) {
    self.key = key
    self.sequence = sequence
  }
}
