import Capacity
import Datasets
import Foundation
import Testing

/// What progress says of the time left, held against measurements that are played to their ends by a known rule.
@Suite struct TimeLeftTests {
  /// After each probe, or each round: probes that have ended, seconds left where a step takes 2 ms, and what they were in truth.
  private func play(
    _ members: String, eachProbe: Bool = false, steps: (Bool) -> Int = { _ in 500 },
    fits: (ProbeAddress) -> Bool
  ) throws -> [(ended: Int, left: Double?, came: Double)] {
    let admission = try linearAdmission(#""training": {"max_steps": 500}, \#(members)"#)
    let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)
    let plan = try LocalMeasurement(specification: admission.specification, library: library, workers: 1).plan
    var history: [ProbeObservation] = []
    func elapsed() -> Double { history.reduce(0) { $0 + Double($1.steps) } / 500 }
    var told: [(ended: Int, left: Double?, elapsed: Double)] = []
    while case .probes(let probes) = plan.next(history) {
      var addresses = probes.map(\.address)
      while !addresses.isEmpty {
        let address = addresses.removeFirst()
        let fit = fits(address)
        history.append(ProbeObservation(address: address, outcome: fit ? .fit : .budget, steps: steps(fit)))
        guard eachProbe || addresses.isEmpty else { continue }
        let progress = plan.progress(history, outstanding: addresses, elapsed: elapsed())
        #expect(progress["current_samples"]?.integerValue == addresses.first?.samples)
        #expect(progress["probes_under_way"]?.integerValue == addresses.count)
        #expect(progress["training"]?.arrayValue?.count == min(20, addresses.count))
        told.append((history.count, progress["seconds_left"]?.doubleValue, elapsed()))
      }
    }
    return told.map { ($0.ended, $0.left, elapsed() - $0.elapsed) }
  }

  @Test func aSearchThatFollowsARuleIsForetoldToTheProbe() throws {
    // A threshold within the first sizes, so that what is known of it tells every later decision.
    let rounds = try play(
      #""search": {"strategy": "bisect", "replicates": 1, "initial_samples": 64, "relative_tolerance": 0.05}"#
    ) { $0.samples <= 90 }
    let last = try #require(rounds.last)
    #expect(last.left == 0 && last.came == 0 && rounds.count > 5)
    for round in rounds.dropFirst(2) {
      #expect(abs(try #require(round.left) - round.came) <= 1.1, "\(round)")
    }
    let grid = try play(#""search": {"strategy": "grid", "sizes": [10, 300], "replicates": 3}"#) { _ in true }
    #expect(grid.map(\.left) == [0])
  }

  /// What is under way is still to come, and a failure takes longer than a fit.
  @Test func probesUnderWayAreCounted() throws {
    let grid = try play(
      #""search": {"strategy": "grid", "sizes": [10, 12, 14, 300], "replicates": 10}"#, eachProbe: true,
      steps: { $0 ? 20 : 500 }
    ) { $0.samples <= 14 }
    #expect(grid.count == 40)
    // From the first failure on it is known what one takes.
    for probe in grid.dropFirst(30) {
      #expect(abs(try #require(probe.left) - probe.came) <= 0.05 * probe.came + 0.2, "\(probe)")
    }
    let before = try #require(grid[5].left)
    #expect(before > 0.05)
  }

  @Test func anAdaptiveSearchIsNotPromisedMuchTooSoon() throws {
    // Runs fit up to a threshold of their own, some 15 % apart.
    func threshold(_ address: ProbeAddress) -> Double {
      400
        * exp(
          0.15
            * [-1.2, 0.4, 1.1, -0.3, 0.8, -0.7, 0, 1.5, -1.6, 0.2][
              (address.samples + 3 * address.replicate) % 10])
    }
    let rounds = try play(#""search": {"relative_width": 0.2, "max_probes": 100}"#) {
      Double($0.samples) <= threshold($0)
    }
    let last = try #require(rounds.last)
    #expect(last.left == 0 && last.ended > 20)
    // From a third of the way on; at most as many as the search may take.
    for round in rounds where 3 * round.ended > last.ended {
      let left = try #require(round.left)
      #expect(left <= Double(100 - round.ended), "\(round)")
      #expect(round.came <= 8 || left / round.came > 0.33, "\(round)")
    }
  }

  @Test func aLimitOfTimeBoundsIt() throws {
    let rounds = try play(
      #""search": {"relative_width": 0.05, "max_probes": 60}, "limits": {"max_seconds": 30}"#
    ) { $0.samples <= 400 }
    #expect(rounds.allSatisfy { $0.left ?? .infinity <= max(0, 30 - Double($0.ended)) })
    #expect(rounds.contains { $0.left == 30 - Double($0.ended) })
  }
}
