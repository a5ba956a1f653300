import Capacity
import Datasets
import Foundation
import Persistence
import Synchronization

/// Finds the content that a job runs on where it was admitted without: the first process that has it says so for all.
///
/// A process that trains fetches what isn't here; one that doesn't only looks. A fetch may take long: it runs on a thread
/// of its own, one for each data set however many jobs wait for it, and ends when the process is to stop.
package final class DatasetPinner: Sendable {
  let runner: ProbeRunner
  /// Whether what isn't here may be fetched.
  let fetches: Bool
  let lacks: Lacks
  /// Bytes that the probes of this process may take together.
  let memoryLimit: Int
  /// Raised when the process is to stop.
  let stop: StopFlag

  /// Data sets that somebody is just looking for.
  private let sought = Mutex<Set<String>>([])

  package init(runner: ProbeRunner, fetches: Bool, memoryLimit: Int, stop: StopFlag, lacks: Lacks) {
    self.runner = runner
    self.fetches = fetches
    self.memoryLimit = memoryLimit
    self.stop = stop
    self.lacks = lacks
  }

  enum Finding: Sendable {
    /// All that was to be known.
    case found(MeasurementTerms)
    /// It isn't to be had here; nil where that is nothing to tell of.
    case lacking(MachineLack?)
  }

  /// - Throws: what every machine would find: a fault of the document, or of the data everywhere.
  func find(_ job: RecordedJob) async throws -> Finding {
    let dataset = job.specification.experiment.data.dataset
    let key = Self.key(of: dataset)
    // The sweep brings the others by again.
    guard !lacks.mustWait(key), sought.withLock({ $0.insert(key).inserted }) else { return .lacking(nil) }
    defer { _ = sought.withLock { $0.remove(key) } }
    do {
      guard let terms = try await onOwnThread({ try self.terms(of: job) }) else { return .lacking(nil) }
      lacks.forget(key)
      return .found(terms)
    } catch DatasetError.interrupted {
      return .lacking(nil)
    } catch {
      guard
        let lack = MachineLack(error, dataset: dataset.reference.name, hasMirror: runner.library.hasMirror)
      else { throw error }
      lacks.note(key)
      // What a process that doesn't train lacks keeps nobody from anything.
      return .lacking(fetches ? lack : nil)
    }
  }

  /// What tells data sets apart whose content isn't known.
  static func key(of dataset: SpecifiedDataset) -> String { dataset.digest ?? "\(dataset.reference)" }

  private func terms(of job: RecordedJob) throws -> MeasurementTerms? {
    let data = job.specification.experiment.data
    if !fetches, data.dataset.digest == nil,
      try runner.library.openIfHere(data.dataset.reference) == nil
    {
      return nil
    }
    guard var terms = job.terms else {
      return try runner.plan(
        job.specification, memoryLimit: memoryLimit, shouldStop: { [stop] in stop.isRaised }
      ).terms
    }
    let pinned = try runner.pin(data, shouldStop: { [stop] in stop.isRaised })
    try job.specification.checkSizes(upTo: min(pinned.sampleLimit, terms.memoryLimit ?? .max))
    terms.dataset = pinned
    return terms
  }
}
