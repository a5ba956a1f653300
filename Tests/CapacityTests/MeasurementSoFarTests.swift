import Capacity
import Datasets
import Foundation
import Synchronization
import Testing

/// What is told of a measurement while it runs, and how often.
@Suite struct MeasurementSoFarTests {
  @Test func everyProbeIsCountedAndWhatIsLeftOfARoundIsUnderWay() throws {
    let specification = try MeasurementSpecification(
      json: JSONValue(
        parsing: """
          {"dataset": {"name": "gaussian", "dimensions": 3}, "labels": {"kind": "random"}, "model": {"kind": "linear"},
           "training": {"max_steps": 5}, "search": {"strategy": "grid", "sizes": [2, 4, 40], "replicates": 5}}
          """.utf8))
    let measurement = try LocalMeasurement(
      specification: specification,
      library: DatasetLibrary(directory: FileManager.default.temporaryDirectory), workers: 2)
    let soFar = MeasurementSoFar(measurement.plan)
    #expect(soFar.count == 0 && soFar.progress()["emc"] == .null)
    let told = Mutex<[(finished: Int, underWay: Int)]>([])
    let (result, probes) = try measurement.run(
      into: soFar,
      onProbe: { probe in
        #expect(soFar.probes.contains { $0.address == probe.address })
        let progress = soFar.progress(elapsed: 1)
        told.withLock {
          $0.append(
            (
              progress["probes_finished"]?.integerValue ?? 0, progress["probes_under_way"]?.integerValue ?? 0
            ))
        }
      })
    let seen = told.withLock { $0 }
    #expect(seen.count == 15 && seen.allSatisfy { $0.finished + $0.underWay == 15 && $0.finished > 0 })
    #expect(seen.map(\.finished).max() == 15)
    #expect(
      soFar.count == 15 && soFar.probes.sorted { $0.address < $1.address }.map(\.json) == probes.map(\.json))
    // Those that have ended are known from the start by one that goes on from them.
    let again = MeasurementSoFar(measurement.plan)
    let (same, _) = try measurement.run(
      from: probes, into: again, onProbe: { _ in Issue.record("a probe was trained again") })
    #expect(again.count == 15 && same.json == result.json)
  }

  /// What takes a while isn't done again before a hundred times as long has passed.
  @Test func whatTakesLongIsDoneRarely() {
    var pace = Pace()
    let first = pace.perform {
      Thread.sleep(forTimeInterval: 0.5)
      return 1
    }
    #expect(first == 1 && pace.perform { 2 } == nil)
  }
}
