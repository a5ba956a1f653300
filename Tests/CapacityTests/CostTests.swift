import Capacity
import Datasets
import Foundation
import Testing
import Training

private func admission(_ members: String) throws -> Admission {
  try Admission(
    json: JSONValue(
      parsing:
        #"{"dataset": {"name": "gaussian", "dimensions": 10}, "model": {"kind": "linear"}, \#(members)}"#
        .utf8), memoryLimit: 1 << 30)
}

private func measure(_ admission: Admission) throws -> JSONValue {
  let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)
  let measured = try LocalMeasurement(specification: admission.specification, library: library, workers: 2)
    .run()
  return measured.result.json(withProbes: measured.probes)
}

/// The operations of a result's probes, counted from what they report: products of 10 inputs and 2 outputs, forward and
/// for the gradient, two operations for each multiplication.
private func flops(_ result: JSONValue, batch: Double) -> Double {
  (result["probes"]?.arrayValue ?? []).reduce(0) { sum, probe in
    let samples = Double(probe["samples"]?.integerValue ?? 0)
    let perStep = samples / (samples / batch).rounded(.up)
    return sum + Double(probe["steps"]?.integerValue ?? 0) * perStep * (2 * 2 * 10 * 2)
  }
}

@Suite struct CostForecastTests {
  /// A grid asks for all it will ask for at once.
  @Test func aGridIsForetoldExactly() throws {
    let admission = try admission(
      #""training": {"max_steps": 500}, "search": {"strategy": "grid", "sizes": [10, 300], "replicates": 3}"#)
    let forecast = CostForecast(admission, secondsPerSample: 1e-6, workers: 2)
    #expect(forecast.medianProbes == 6 && forecast.manyProbes == 6)
    #expect(forecast.memory == admission.footprint(samples: 300).memory.peak)
    // 300 samples are beyond what 22 parameters hold by heart, and 3 · 500 steps on 100 samples each are spent.
    let failing = 3.0 * 500 * 100 * 80
    #expect(forecast.flops >= failing && forecast.flops <= failing + 3 * 500 * 10 * 80)
    // On two workers the round takes as long as two of the three that fail.
    #expect(abs(forecast.seconds - 2 * 500 * 100 * 1e-6) < 0.01)
  }

  /// What is trained after the search is trained too; a verification holds more in memory than training.
  @Test func generalizationAndVerificationAreForetold() throws {
    func forecast(_ rest: String) throws -> CostForecast {
      CostForecast(
        try admission(
          #""training": {"max_steps": 500}, "search": {"strategy": "grid", "sizes": [300], "replicates": 2\#(rest)"#
        ),
        secondsPerSample: 1e-6, workers: 2)
    }
    let (plain, tested) = (
      try forecast("}"), try forecast(#"}, "generalization": {"samples": 900, "networks": 5}"#)
    )
    #expect(tested.medianProbes == plain.medianProbes + 5 && tested.memory > plain.memory)
    // 5 networks of 500 steps on 8 batches of 900 samples.
    let trained = 5.0 * 500 * 900 / 8 * 80
    #expect(abs(tested.flops - plain.flops - trained) < 0.01 * trained, "\(tested.flops - plain.flops)")
    #expect(try forecast(#", "verification": {"probes": 2}}"#).memory > plain.memory)
  }

  @Test func theForecastIsAPureFunctionButForTheRate() throws {
    let admission = try admission(#""search": {"relative_width": 0.3}"#)
    let (one, two) = (
      CostForecast(admission, secondsPerSample: 1e-6, workers: 1),
      CostForecast(admission, secondsPerSample: 2e-6, workers: 1)
    )
    #expect(one.medianProbes == two.medianProbes && one.flops == two.flops && one.memory == two.memory)
    #expect(abs(two.seconds - 2 * one.seconds) < 1e-9 * two.seconds)
    #expect(one.medianProbes > 8 && one.medianProbes <= one.manyProbes && one.manyProbes <= 100)
  }

  /// Half as wide an interval takes more runs; searches that are left early are reckoned to their end.
  @Test func whatIsAskedForCosts() throws {
    func probes(_ search: String) throws -> Int {
      CostForecast(try admission("\"search\": \(search)"), secondsPerSample: 1e-6, workers: 2).medianProbes
    }
    let wide = try probes(#"{"relative_width": 0.4, "max_probes": 1000}"#)
    let narrow = try probes(#"{"relative_width": 0.2, "max_probes": 1000}"#)
    #expect(Double(narrow) > 1.5 * Double(wide))
    // 1,000 steps of one sample: the threshold is at most 220, and each size takes two to three runs.
    let increment = try probes(#"{"strategy": "increment", "initial_samples": 1, "step": 1}"#)
    #expect(increment >= 2 && increment <= 3 * 660)
    #expect(try probes(#"{"relative_width": 0.0001, "max_probes": 100000}"#) > 10_000)
  }

  @Test func limitsAreForetold() throws {
    let free = CostForecast(try admission(#""seed": 2"#), secondsPerSample: 1e-6, workers: 1)
    let half = try admission(#""seed": 2, "limits": {"max_flops": \#(free.flops / 2)}"#)
    #expect(CostForecast(half, secondsPerSample: 1e-6, workers: 1).flops <= free.flops / 2)
    // It ends where measurements themselves do: of a round what is sure to stay within the limit. (Scaled down from searches that
    // have none it was nearly twice as many probes.)
    var (real, foretold) = (0, 0)
    for seed in 1...5 {
      let tight = try admission(
        #""training": {"max_steps": 1000}, "seed": \#(seed), "limits": {"max_flops": 1e7}"#)
      let forecast = CostForecast(tight, secondsPerSample: 1e-6, workers: 1)
      #expect(forecast.flops <= 1e7)
      real += try #require(measure(tight)["probe_count"]?.integerValue)
      foretold += forecast.medianProbes
    }
    #expect(Double(foretold) < 1.4 * Double(real) && foretold * 2 > real, "\(foretold) for \(real)")
    let short = try admission(#""seed": 2, "limits": {"max_seconds": \#(free.seconds / 2)}"#)
    #expect(CostForecast(short, secondsPerSample: 1e-6, workers: 1).seconds <= free.seconds / 2)
  }

  /// A study costs what its cells cost together, and of many cells as many times what a part of them cost.
  @Test func aStudyCostsWhatItsCellsCost() throws {
    func study(_ values: [Int]) throws -> [StudyCell] {
      try StudyAdmission(
        json: JSONValue(
          parsing: #"""
            {"base": {"dataset": {"name": "gaussian", "dimensions": 10}, "model": {"kind": "linear"},
              "training": {"max_steps": 500}, "search": {"max_probes": 20}},
             "axes": [{"pointer": "/seed", "values": \#(values)}]}
            """#.utf8)
      ).cells
    }
    let few = try study(Array(1...6))
    let together = CostForecast(few, workers: 2) { _ in 1e-6 }
    let alone = few.map { CostForecast($0.admission, secondsPerSample: 1e-6, workers: 1) }
    let probes = Double(alone.reduce(0) { $0 + $1.medianProbes })
    #expect(abs(Double(together.medianProbes) / probes - 1) < 0.15, "\(together.medianProbes) of \(probes)")
    #expect(together.medianProbes <= together.manyProbes && together.manyProbes <= 6 * 20)
    #expect(abs(together.memory - (alone.map(\.memory).max() ?? 0)) < together.memory / 2)
    // No worker waits for another cell's.
    let work = together.flops / 80 * 1e-6
    #expect(abs(together.seconds - work / 2) < 0.25 * work / 2, "\(together.seconds), \(work)")
    // An extension may add none.
    let none = CostForecast([], workers: 2) { _ in 1e-6 }
    #expect(none.medianProbes == 0 && none.flops == 0 && none.seconds == 0 && none.memory == 0)
    // 96 of which 64 are played.
    let many = CostForecast(try study(Array(1...96)), workers: 2) { _ in 1e-6 }
    #expect(abs(Double(many.medianProbes) / Double(together.medianProbes) - 16) < 2)
    #expect(Double(many.manyProbes) < 1.1 * Double(many.medianProbes))
  }

  /// The machine's rate is measured once; no machine takes a second for 44 multiplications.
  @Test func theRateIsThatOfStepsAndIsRemembered() throws {
    let admission = try admission(#""seed": 3"#)
    let rate = try TrainingRate(of: admission.specification.experiment, form: admission.terms.form)
    #expect(rate.secondsPerSample > 0 && rate.secondsPerSample < 1)
    let again = try TrainingRate(of: admission.specification.experiment, form: admission.terms.form)
    #expect(again.secondsPerSample == rate.secondsPerSample)
  }
}

/// What progress says of the time left, held against measurements that are played to their ends by a known rule.
@Suite struct TimeLeftTests {
  /// After each probe, or each round: probes that have ended, seconds left where a step takes 2 ms, and what they were in truth.
  private func play(
    _ members: String, eachProbe: Bool = false, steps: (Bool) -> Int = { _ in 500 },
    fits: (ProbeAddress) -> Bool
  ) throws -> [(ended: Int, left: Double?, came: Double)] {
    let admission = try admission(#""training": {"max_steps": 500}, \#(members)"#)
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

@Suite struct LimitTests {
  /// A last stage is run at the end of every guard that was spent, and by a fit that it finds, at most for all its evaluations.
  @Test func whatFollowsTheStepsIsCounted() throws {
    let admitted = try admission(
      #""training": {"max_steps": 100, "batch_size": 16, "finish": {"kind": "second_order", "evaluations": 50}}"#
    )
    let cost = try #require(TrainingCost(admitted.specification.experiment, of: admitted.terms.form))
    func observed(_ steps: Int, _ outcome: Outcome?, doublings: Int = 0, _ kind: ProbeKind = .training)
      -> ProbeObservation
    {
      ProbeObservation(
        address: ProbeAddress(samples: 32, replicate: 0, doublings: doublings, kind: kind), outcome: outcome,
        steps: steps)
    }
    // Products of 10 inputs and 2 outputs, twice, forward and back, of 32 samples a pass and 16 a step.
    let (step, pass) = (16.0 * 80, 32.0 * 80)
    #expect(cost.flops(of: observed(40, .fit)) == 40 * step)
    #expect(cost.flops(of: observed(100, .fit)) == 100 * step + 50 * pass)
    #expect(cost.flops(of: observed(60, .budget)) == 60 * step + 50 * pass)
    #expect(cost.most(of: observed(0, .fit).address) == 100 * step + 50 * pass)
    let verification = observed(0, nil, .verification)
    #expect(cost.flops(of: verification) == 4 * 1500 * pass)
    #expect(cost.most(of: verification.address) == 4 * 1500 * pass)
    let longer = [observed(100, .budget), observed(200, .budget, doublings: 1), verification]
    // Where a last stage follows each guard is trained anew.
    #expect(cost.flops(of: longer) == 300 * step + (2 * 50 + 4 * 1500) * pass)
  }

  private static let small =
    #""training": {"max_steps": 400, "batch_size": 16}, "search": {"initial_samples": 8}"#

  @Test func operationsAreNeverExceededAndTheEndIsTheSameEverywhere() throws {
    let whole = try measure(admission(Self.small))
    #expect(whole["ended_by"] == .string("search") && whole["reproducible"] == .bool(true))
    let spent = flops(whole, batch: 16)
    let limit = (spent / 3).rounded()
    let limited = try admission(#"\#(Self.small), "limits": {"max_flops": \#(limit)}"#)
    let part = try measure(limited)
    #expect(part["ended_by"] == .string("max_flops") && part["reproducible"] == .bool(true))
    #expect(part["summary"]?.stringValue?.contains("operations") == true)
    let taken = flops(part, batch: 16)
    // Less than one probe of the guard is left over.
    #expect(taken <= limit && taken > limit - 400 * 16 * 80)
    // It begins as the whole measurement does.
    func places(_ result: JSONValue) -> Set<String> {
      Set((result["probes"]?.arrayValue ?? []).map { "\($0["samples"]!.text()) \($0["replicate"]!.text())" })
    }
    #expect(!places(part).isEmpty && places(part).count < places(whole).count)
    #expect(2 * places(part).intersection(places(whole)).count >= places(part).count)
    #expect(try measure(limited)["emc"] == part["emc"])
  }

  /// Of a race's round that the limit cuts short what has ended is not asked for again.
  @Test(.timeLimit(.minutes(5))) func operationsEndARace() throws {
    for limit in [3e5, 6e5, 2e6, 5e6] {
      let result = try measure(
        admission(
          #"""
          "training": {"max_steps": 1600, "batch_size": 16}, "limits": {"max_flops": \#(limit)},
          "search": {"initial_samples": 8, "tune": {"/training/optimizer/learning_rate": [0.001, 0.01, 0.1]}}
          """#))
      let probes = result["tuning"]?["probes"]?.arrayValue ?? []
      let places = Set(
        probes.map { "\($0["candidate"]!.text()) \($0["samples"]!.text()) \($0["replicate"]!.text())" })
      #expect(!probes.isEmpty && places.count == probes.count, "\(limit)")
      #expect(result["ended_by"] == .string("max_flops"))
      let spent = try #require(result["tuning"]?["cost"]?["flops"]?.doubleValue)
      #expect(spent <= limit)
    }
  }

  /// The first probe is what the race asks for first: with the whole guard where it tries none with less.
  @Test func aLimitHasRoomForTheFirstProbeOfItsRace() throws {
    func fault(_ steps: Int, _ limit: Int, _ tune: String = "[0.01, 0.1]") throws -> Bool {
      do {
        _ = try admission(
          #"""
          "training": {"max_steps": \#(steps), "batch_size": 16, "optimizer": {"kind": "sgd", "learning_rate": 0.1}},
          "limits": {"max_flops": \#(limit)},
          "search": {"initial_samples": 16, "tune": {"/training/optimizer/learning_rate": \#(tune)}}
          """#)
        return false
      } catch let error as SpecificationError {
        #expect(error.faults.map(\.pointer) == ["/limits/max_flops"])
        return true
      }
    }
    // A sixteenth of 1,600 steps on 16 samples, 80 operations each.
    #expect(try fault(1600, 127_999) && !fault(1600, 128_000))
    // A sixteenth of 400 steps would tell nothing.
    #expect(try fault(400, 200_000))
    #expect(try fault(1600, 127_999, #"["auto"]"#) && !fault(1600, 128_000, #"["auto"]"#))
  }

  /// A training that would take days.
  @Test func timeEndsAMeasurementWithWhatIsKnown() throws {
    let result = try measure(
      admission(
        #""training": {"max_steps": 1000000000, "optimizer": {"learning_rate": 1e-12}}, "search": {"strategy": "grid", "sizes": [64]}, "limits": {"max_seconds": 0.05}"#
      ))
    #expect(result["ended_by"] == .string("max_seconds") && result["reproducible"] == .bool(false))
    #expect(result["summary"]?.stringValue?.contains("0.05 seconds") == true)
    // Without a run nothing is known, and nothing of the prior is told as if it were.
    #expect(result["probe_count"] == .integer(0))
    #expect(result["emc"] == .null && result["emc_per_parameter"] == .null)
    #expect(result["interval"]?["lower"] == .null && result["interval"]?["upper"] == .null)
    for name in ["threshold", "scale", "lapse"] { #expect(result["fit_probability"]?[name] == .null) }
    #expect(result["bounded_by"] == .string("search_sizes"))
    #expect(result["budget"]?["growth_per_doubling"] == .null)
    #expect(result["summary"]?.stringValue?.contains("nothing is known") == true)
  }

  @Test func contradictoryLimitsAreRefusedAllAtOnce() throws {
    let error = #expect(throws: SpecificationError.self) {
      try admission(
        #"""
        "limits": {"max_flops": 10, "max_seconds": -1, "max_hours": 1},
        "search": {"budget": {"kind": "settle", "max_steps": 100}}
        """#)
    }
    let pointers = Set(error?.faults.map(\.pointer) ?? [])
    #expect(
      pointers == [
        "/limits/max_flops", "/limits/max_seconds", "/limits/max_hours", "/search/budget/max_steps",
      ])
    // 20,000 steps on the 64 samples that a search begins with, of a network whose step takes 80 operations a sample.
    #expect(error?.faults.first { $0.pointer == "/limits/max_flops" }?.allowed.contains("102400000") == true)
  }

  @Test func limitsAreKeptInTheDocument() throws {
    let limited = try admission(#""limits": {"max_seconds": 60, "max_flops": 1e12}"#).specification
    #expect(try MeasurementSpecification(recorded: limited.json) == limited)
    #expect(limited.limits == MeasurementLimits(maxSeconds: 60, maxFlops: 1e12))
    #expect(try admission(#""seed": 1"#).specification.json["limits"] == nil)
  }
}
