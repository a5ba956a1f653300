import Capacity
import Datasets
import Foundation
import Testing

@Suite struct CostForecastTests {
  /// A grid asks for all it will ask for at once.
  @Test func aGridIsForetoldExactly() throws {
    let admission = try linearAdmission(
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
        try linearAdmission(
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
    let admission = try linearAdmission(#""search": {"relative_width": 0.3}"#)
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
      CostForecast(try linearAdmission("\"search\": \(search)"), secondsPerSample: 1e-6, workers: 2)
        .medianProbes
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
    let free = CostForecast(try linearAdmission(#""seed": 2"#), secondsPerSample: 1e-6, workers: 1)
    let half = try linearAdmission(#""seed": 2, "limits": {"max_flops": \#(free.flops / 2)}"#)
    #expect(CostForecast(half, secondsPerSample: 1e-6, workers: 1).flops <= free.flops / 2)
    // It ends where measurements themselves do: of a round what is sure to stay within the limit. (Scaled down from searches that
    // have none it was nearly twice as many probes.)
    var (real, foretold) = (0, 0)
    for seed in 1...5 {
      let tight = try linearAdmission(
        #""training": {"max_steps": 1000}, "seed": \#(seed), "limits": {"max_flops": 1e7}"#)
      let forecast = CostForecast(tight, secondsPerSample: 1e-6, workers: 1)
      #expect(forecast.flops <= 1e7)
      real += try #require(linearResult(tight)["probe_count"]?.integerValue)
      foretold += forecast.medianProbes
    }
    #expect(Double(foretold) < 1.4 * Double(real) && foretold * 2 > real, "\(foretold) for \(real)")
    let short = try linearAdmission(#""seed": 2, "limits": {"max_seconds": \#(free.seconds / 2)}"#)
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
    let admission = try linearAdmission(#""seed": 3"#)
    let rate = try TrainingRate(of: admission.specification.experiment, form: admission.terms.form)
    #expect(rate.secondsPerSample > 0 && rate.secondsPerSample < 1)
    let again = try TrainingRate(of: admission.specification.experiment, form: admission.terms.form)
    #expect(again.secondsPerSample == rate.secondsPerSample)
  }

  /// What is tuned decides what is trained, not what the base has in its place.
  @Test func aRaceCostsWhatItsCandidatesCost() throws {
    func forecast(_ hidden: Int) throws -> CostForecast {
      let admission = try Admission(
        json: JSONValue(
          parsing: #"""
            {"dataset": {"name": "gaussian", "dimensions": 10}, "model": {"kind": "mlp", "hidden": [\#(hidden)]},
             "labels": {"kind": "random"}, "training": {"max_steps": 500},
             "search": {"max_probes": 12, "tune": {"/model/hidden/0": [2, 300]}}}
            """#.utf8), memoryLimit: 1 << 30)
      let rate = 1e-9 * Double(admission.footprint(samples: 1).flopsPerSample)
      return CostForecast(admission, secondsPerSample: rate, workers: 2)
    }
    let (small, large) = (try forecast(2), try forecast(300))
    #expect(small.flops == large.flops && small.memory == large.memory)
    #expect(abs(small.seconds - large.seconds) < 1e-9 * large.seconds)
    #expect(small.medianProbes == large.medianProbes)
  }

  /// Each candidate's runs cost what they are, whichever of them wins.
  @Test func aRaceOfUnlikeCandidatesCostsEachAsWhatItIs() throws {
    func flops(_ hidden: [Int], _ seed: Int) throws -> Double {
      let admission = try Admission(
        json: JSONValue(
          parsing: #"""
            {"dataset": {"name": "gaussian", "dimensions": 10}, "model": {"kind": "mlp", "hidden": [2]},
             "labels": {"kind": "random"}, "training": {"max_steps": 800}, "seed": \#(seed),
             "search": {"max_probes": 1, "tune": {"/model/hidden/0": \#(hidden)}}}
            """#.utf8), memoryLimit: 1 << 30)
      return CostForecast(admission, secondsPerSample: 1e-6, workers: 1).flops
    }
    // Where the small one wins, the large one's runs are most of the cost all the same.
    for seed in 1...6 {
      let (mixed, large) = try (flops([2, 301], seed), flops([300, 301], seed))
      #expect(mixed > 0.05 * large, "seed \(seed): \(mixed) of \(large)")
    }
  }

  /// A size that goes up by single samples is foretold to its end: what memory it takes, too.
  @Test func whatIsLeftEarlyIsReckonedToItsEnd() throws {
    func forecast(_ increment: String) throws -> CostForecast {
      CostForecast(
        try linearAdmission(
          #""training": {"max_steps": 200}, "search": {"strategy": "increment", "initial_samples": 1, \#(increment)}"#
        ),
        secondsPerSample: 1e-6, workers: 2)
    }
    let (steps, factor) = (try forecast(#""step": 1"#), try forecast(#""factor": 1.1"#))
    #expect(
      abs(Double(steps.memory) / Double(factor.memory) - 1) < 0.2, "\(steps.memory) and \(factor.memory)")
    // 1,000 numbers a sample, of up to 1.2 · 2,002 samples: after the first rounds there are a few dozen.
    let wide = try Admission(
      json: JSONValue(
        parsing: #"""
          {"dataset": {"name": "gaussian", "dimensions": 1000}, "model": {"kind": "linear"}, "training": {"max_steps": 200},
           "labels": {"kind": "random"}, "search": {"strategy": "increment", "initial_samples": 1, "step": 1}}
          """#.utf8), memoryLimit: 1 << 30)
    let added =
      CostForecast(wide, secondsPerSample: 1e-6, workers: 2).memory - wide.footprint(samples: 1).memory.peak
    #expect(added > 1_000 * 1_000 * MemoryLayout<Float>.size, "\(added)")
  }
}
