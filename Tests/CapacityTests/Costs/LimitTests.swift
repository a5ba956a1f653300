import Capacity
import Datasets
import Foundation
import Testing
import Training

/// The operations of a result's probes, counted from what they report: products of 10 inputs and 2 outputs, forward and
/// for the gradient, two operations for each multiplication.
private func flops(_ result: JSONValue, batch: Double) -> Double {
  (result["probes"]?.arrayValue ?? []).reduce(0) { sum, probe in
    let samples = Double(probe["samples"]?.integerValue ?? 0)
    let perStep = samples / (samples / batch).rounded(.up)
    return sum + Double(probe["steps"]?.integerValue ?? 0) * perStep * (2 * 2 * 10 * 2)
  }
}

@Suite struct LimitTests {
  /// A last stage is run at the end of every guard that was spent, and by a fit that it finds, at most for all its evaluations.
  @Test func whatFollowsTheStepsIsCounted() throws {
    let admitted = try linearAdmission(
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
    let whole = try linearResult(linearAdmission(Self.small))
    #expect(whole["ended_by"] == .string("search") && whole["reproducible"] == .bool(true))
    let spent = flops(whole, batch: 16)
    let limit = (spent / 3).rounded()
    let limited = try linearAdmission(#"\#(Self.small), "limits": {"max_flops": \#(limit)}"#)
    let part = try linearResult(limited)
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
    #expect(try linearResult(limited)["emc"] == part["emc"])
  }

  /// Of a race's round that the limit cuts short what has ended is not asked for again.
  @Test(.timeLimit(.minutes(5))) func operationsEndARace() throws {
    for limit in [3e5, 6e5, 2e6, 5e6] {
      let result = try linearResult(
        linearAdmission(
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
        _ = try linearAdmission(
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
    let result = try linearResult(
      linearAdmission(
        #""training": {"max_steps": 1000000000, "optimizer": {"learning_rate": 1e-12}}, "search": {"strategy": "grid", "sizes": [64]}, "limits": {"max_seconds": 0.05}"#
      ))
    #expect(result["ended_by"] == .string("max_seconds") && result["reproducible"] == .bool(false))
    #expect(result["summary"]?.stringValue?.contains("0.05 seconds") == true)
    // Without a run nothing is known, and nothing of the prior is told as if it were.
    #expect(result["probe_count"] == .integer(0))
    #expect(result["emc"] == .null && result["emc_per_parameter"] == .null)
    #expect(result["interval"]?["lower"] == .null && result["interval"]?["upper"] == .null)
    for name in ["threshold", "scale", "lapse"] { #expect(result["fit_probability"]?[name] == .null) }
    #expect(result["bounded_by"] == .null)
    #expect(result["budget"]?["growth_per_doubling"] == .null)
    #expect(result["summary"]?.stringValue?.contains("nothing is known") == true)
  }

  @Test func contradictoryLimitsAreRefusedAllAtOnce() throws {
    let error = #expect(throws: SpecificationError.self) {
      try linearAdmission(
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
    let limited = try linearAdmission(#""limits": {"max_seconds": 60, "max_flops": 1e12}"#).specification
    #expect(try MeasurementSpecification(recorded: limited.json) == limited)
    #expect(limited.limits == MeasurementLimits(maxSeconds: 60, maxFlops: 1e12))
    #expect(try linearAdmission(#""seed": 1"#).specification.json["limits"] == nil)
  }

  /// A limit that leaves the search whole is told as that, and cuts what follows it alone.
  @Test func aLimitAfterTheSearchSaysSo() throws {
    func summary(_ maxFlops: String) throws -> (text: String, end: String, probes: Int) {
      let result = try linearResult(
        linearAdmission(
          #""training": {"max_steps": 50}, "search": {"strategy": "grid", "sizes": [10, 200], "replicates": 1}, "generalization": {"samples": 20, "networks": 30}\#(maxFlops)"#
        ))
      return (
        try #require(result["summary"]?.stringValue), try #require(result["ended_by"]?.stringValue),
        try #require(result["probe_count"]?.integerValue)
      )
    }
    let free = try summary("")
    #expect(free.end == "search" && free.probes == 2)
    // 50 steps on 100 samples each and as many on 10 are spent by the search, and then 50 on 20 by each network.
    let cut = try summary(#", "limits": {"max_flops": 700000}"#)
    #expect(cut.end == "max_flops" && cut.probes == 2)
    #expect(cut.text.contains("after its search was over") && cut.text.contains("are missing"), "\(cut.text)")
    let short = try summary(#", "limits": {"max_flops": 100000}"#)
    #expect(short.end == "max_flops" && short.text.contains("before its search was over"), "\(short.text)")
  }
}
