import Foundation

/// A study as the database has it, with what its jobs make of it.
package struct StudyRecord: Sendable, Hashable, Identifiable {
  /// Time-ordered (UUID version 7).
  package let id: UUID
  /// Grows with every submission: the order of studies and the cursor of lists.
  package let sequence: Int64
  /// The client's label.
  package let name: String?
  /// The preset that it was made of, with one of its scales.
  package let preset: String?
  package let scale: String?
  /// JSON text: the study as it was admitted.
  package let specification: String
  /// How often it was extended.
  package let revision: Int
  /// How many cells there are in each state; a cell whose job was deleted is in none.
  package let counts: [JobState: Int]
  /// How many cells have no job any more.
  package let deletedCount: Int
  /// The largest version of its cells' jobs: it grows with everything that changes.
  package let version: Int64
  /// The mean time that its cells took which have a result, in seconds; 0 before one has.
  package let cellSeconds: Double
  /// What the longest of the cells that are measured says that it still takes, in seconds; nil where one of them can't say.
  package let runningSeconds: Double?
  /// By the database's clock.
  package let createdAt: Date
  /// When the first of its probes was taken up, also of a job that is no cell's any more.
  package let startedAt: Date?
  /// When the last of its cells ended; nil as long as one has not.
  package let finishedAt: Date?
  /// How it ended, which stays when its jobs are deleted; nil as long as it has not, or where it did before ends were kept.
  private let endedAs: JobState?

  init(_ row: Row) throws(DatabaseError) {
    id = try row.value("id")
    sequence = try row.value("sequence")
    name = try row.optional("name")
    preset = try row.optional("preset")
    scale = try row.optional("scale")
    specification = try row.value("specification")
    revision = try row.value("revision")
    version = try row.value("version")
    cellSeconds = try row.value("cell_seconds")
    runningSeconds = try row.optional("running_seconds")
    createdAt = try row.value("created_at")
    startedAt = try row.optional("started_at")
    endedAs = try row.optional("ended_as")
    var counts: [JobState: Int] = [:]
    for state in JobState.allCases { counts[state] = try row.value(state.rawValue) }
    self.counts = counts
    let placed = counts.values.reduce(0, +)
    deletedCount = max(0, (try row.optional("specified") ?? placed) - placed)
    let hasEnded = counts.allSatisfy { $0.key.hasEnded || $0.value == 0 }
    finishedAt = hasEnded ? try row.optional("finished_at") : nil
  }

  /// How many cells there are.
  package var cellCount: Int { counts.values.reduce(deletedCount, +) }

  /// How many have ended: only a job that has can be deleted.
  package var endedCount: Int { counts.reduce(deletedCount) { $0 + ($1.key.hasEnded ? $1.value : 0) } }

  /// Where the study stands. Once every cell has ended it has succeeded where any has a result, since it compares what it
  /// has; it is cancelled where any was.
  package var state: JobState {
    if let endedAs { return endedAs }
    func has(_ state: JobState) -> Bool { counts[state, default: 0] > 0 }
    if has(.running) || has(.queued) && (endedCount > 0 || has(.paused)) { return .running }
    if has(.queued) { return .queued }
    if has(.paused) { return .paused }
    if has(.cancelled) { return .cancelled }
    return has(.succeeded) ? .succeeded : .failed
  }
}

/// Where the job of a study's cell stands, and what it found.
package struct CellStanding: Sendable, Hashable {
  /// The cell's job.
  package let job: UUID
  /// Where it stands.
  package let state: JobState
  /// JSON text of an object.
  package let progress: String?
  /// JSON text of an object, without the probes; there if and only if the job succeeded.
  package let result: String?
  /// There if and only if the job failed.
  package let error: String?

  init(_ row: Row) throws(DatabaseError) {
    job = try row.value("id")
    state = try row.value("state")
    progress = try row.optional("progress")
    result = try row.optional("result")
    error = try row.optional("error")
  }
}

/// A study to be stored.
package struct StudySubmission: Sendable {
  /// The client's label.
  package var name: String?
  /// The preset that it was made of, with one of its scales.
  package var preset: String?
  package var scale: String?
  /// The text of a JSON object.
  package var specification: String
  /// The request that submits it.
  package var requestID: String?
  /// Describes a study.
  package init(
    name: String?, preset: String?, scale: String?, specification: String, requestID: String? = nil
  ) {
    self.name = name
    self.preset = preset
    self.scale = scale
    self.specification = specification
    self.requestID = requestID
  }
}

/// What a study's probes cost.
package struct StudyCost: Sendable, Hashable {
  /// Probes that its cells asked for and that have ended.
  package let asked: Int
  /// Different ones among them.
  package let distinct: Int
  /// Of these the ones that had ended before the study asked for them; each of the others was trained once.
  package let known: Int
  /// Steps of those that were trained for the study.
  package let steps: Int
  /// Seconds that these took.
  package let seconds: Double
  /// Those that were trained for the study.
  package var trained: Int { distinct - known }
  /// Answered by a probe that another cell had asked for.
  package var shared: Int { asked - distinct }

  init(_ row: Row) throws(DatabaseError) {
    asked = try row.value("asked")
    distinct = try row.value("distinct_count")
    known = try row.value("known")
    steps = try row.value("steps")
    seconds = try row.value("seconds")
  }
}

/// What became of a request to change a study.
package enum StudyChange: Sendable {
  /// It is done, and this is the study now (or was, when it has been deleted).
  case done(StudyRecord)
  /// The study stands where that can't be asked of it.
  case refused(StudyRecord)
  /// There is no such study.
  case notFound
}
