import Datasets
import Foundation
import Synchronization

/// Runs a study in this process, with no server and no database.
package struct LocalStudy: Sendable {
  /// The study.
  package let admission: StudyAdmission
  private let library: DatasetLibrary
  private let workers: Int
  private let memoryLimit: Int

  /// A study on this machine; its data sets are fetched where they aren't there yet.
  ///
  /// - Parameters:
  ///   - workers: how many probes are trained at once.
  ///   - memoryLimit: bytes that they may take together.
  package init(
    _ admission: StudyAdmission, library: DatasetLibrary, workers: Int,
    memoryLimit: Int = MemoryLimit.ofThisMachine
  ) {
    precondition(workers > 0, "a study needs a worker")
    self.admission = admission
    self.library = library
    self.workers = workers
    self.memoryLimit = memoryLimit
  }

  /// What is told while a study runs, from any of its threads.
  package struct Report: Sendable {
    /// A probe has been trained: its content address and its result.
    package var onProbe: @Sendable (String, ProbeResult) -> Void = { _, _ in }
    /// A cell has more probes than before: what is known of it.
    package var onProgress: @Sendable (StudyCell, MeasurementSoFar) -> Void = { _, _ in }
    /// A cell's measurement has ended.
    package var onCell: @Sendable (MeasuredCell) -> Void = { _ in }

    /// Tells nobody.
    package init() {}
  }

  /// Measures every cell; a probe that several of them ask for is trained once. A cell that can't be measured is one
  /// without a result.
  ///
  /// - Parameters:
  ///   - known: probes that have ended before, by their content addresses: they aren't trained again.
  ///   - shouldStop: polled once a training step; true ends the study with what is known by then.
  package func run(
    known: [String: ProbeResult] = [:], shouldStop: @escaping @Sendable () -> Bool = { false },
    report: Report = Report()
  ) -> StudyResult {
    let started = ContinuousClock.now
    let pool = ProbePool(workers: workers, memoryLimit: memoryLimit, known: known, onEnd: report.onProbe)
    let ends = EndStates(memoryLimit: memoryLimit)
    let measured = Mutex<[Int: MeasuredCell]>([:])
    // More cells at once than workers: a round that waits for its last probe leaves no thread idle.
    let atOnce = max(8, 4 * workers)
    try? concurrently(admission.cells, workers: atOnce) { cell in
      let result = measure(cell, pool, ends, shouldStop, report)
      measured.withLock { $0[cell.index] = result }
      report.onCell(result)
    }
    let counts = pool.counts
    pool.close()
    return StudyResult(
      specification: admission.specification, source: admission.source,
      cells: measured.withLock { measured in admission.cells.compactMap { measured[$0.index] } },
      counts: counts, seconds: (ContinuousClock.now - started) / .seconds(1))
  }

  private func measure(
    _ cell: StudyCell, _ pool: ProbePool, _ ends: EndStates, _ shouldStop: @escaping @Sendable () -> Bool,
    _ report: Report
  ) -> MeasuredCell {
    do {
      let measurement = try LocalMeasurement(
        specification: cell.specification, library: library, workers: workers, memoryLimit: memoryLimit,
        pool: pool, ends: ends)
      let soFar = MeasurementSoFar(measurement.plan)
      let measured = { (probes: [ProbeResult], outcome: MeasuredCell.Outcome) in
        MeasuredCell(
          cell: cell, plan: measurement.plan, probes: probes.sorted { $0.address < $1.address },
          outcome: outcome)
      }
      do {
        let (result, probes) = try measurement.run(
          into: soFar, shouldStop: shouldStop, onProbe: { _ in report.onProgress(cell, soFar) })
        return measured(probes, .ended(result))
      } catch is CancellationError {
        return measured(soFar.probes, .interrupted)
      } catch {
        return measured(soFar.probes, .failed("\(error)"))
      }
    } catch {
      return MeasuredCell(cell: cell, plan: nil, probes: [], outcome: .failed("\(error)"))
    }
  }
}

/// A cell with what was found there.
package struct MeasuredCell: Sendable {
  /// How its measurement ended.
  package enum Outcome: Sendable {
    /// With a result.
    case ended(MeasurementResult)
    /// It was stopped before it had one.
    case interrupted
    /// It could not be carried out.
    case failed(String)
  }

  package let cell: StudyCell
  /// What asked for its probes; nil where there was none.
  package let plan: MeasurementPlan?
  /// The probes that have ended, by size and then by replicate.
  package let probes: [ProbeResult]
  /// How it ended.
  package let outcome: Outcome

  package init(cell: StudyCell, plan: MeasurementPlan?, probes: [ProbeResult], outcome: Outcome) {
    self.cell = cell
    self.plan = plan
    self.probes = probes
    self.outcome = outcome
  }

  /// Whether it has a result.
  package var hasEnded: Bool { if case .ended = outcome { true } else { false } }
  /// Whether it could not be carried out.
  package var hasFailed: Bool { if case .failed = outcome { true } else { false } }

  /// The state as a job would have it; a measurement that was stopped is one that can go on.
  var state: String {
    switch outcome {
    case .ended: "succeeded"
    case .interrupted: "paused"
    case .failed: "failed"
    }
  }
}
