import Foundation
import Training

/// Two sizes on the sides of the threshold; nil where there is none.
package struct Bracket: Sendable, Hashable {
  /// The larger of the sizes that count as fit.
  package let largestFit: Int?
  /// The smaller of those that don't.
  package let smallestUnfit: Int?

  /// The two sizes.
  package init(largestFit: Int?, smallestUnfit: Int?) {
    self.largestFit = largestFit
    self.smallestUnfit = smallestUnfit
  }

  var json: JSONValue {
    .object(["largest_fit": .optional(largestFit), "smallest_unfit": .optional(smallestUnfit)])
  }
}

/// What a measurement's probes tell, whichever search asked for them: n₅₀ with its interval, the fit curve, and what keeps it
/// from being larger.
package struct Estimate: Sendable {
  /// n₅₀ at the longest guard whose first round is over.
  package let threshold: MeasuredThreshold
  /// The probed sizes at which the fit probability is surely above, or below, one half at the interval's level.
  package let bracket: Bracket
  /// What bounds the EMC; nil where no run has ended.
  package let boundedBy: Bound?
  /// Every run.
  package let runs: [TrainingRun]
  let search: Search
  /// The longest guard whose first round is over.
  let guardSteps: Int
  let verdicts: [FailureVerdict]
  /// What it is made of: all that was seen, but for a longer guard whose first round is not over.
  let history: [ProbeObservation]
  /// What the failures that decide show together.
  package let diagnosis: DiagnosisSummary

  /// What these probes tell.
  package init(_ history: [ProbeObservation], search: Search) {
    let history = search.wholeGuards(history)
    self.search = search
    self.history = history
    runs = search.runs(history)
    guardSteps = search.guardSteps(search.doublings(runs))
    threshold = search.threshold(history, doublings: search.doublings(runs)).told
    verdicts = history.sorted { $0.address < $1.address }.compactMap(\.verdict)
    let sizes = Set(runs.map(\.samples)).sorted()
    let level = search.settings.level
    bracket = Bracket(
      largestFit: sizes.last { [threshold] in threshold.isAbove($0) >= level },
      smallestUnfit: sizes.first { [threshold] in threshold.isAbove($0) <= 1 - level })
    boundedBy = Self.bound(runs, threshold, search)
    diagnosis = DiagnosisSummary(
      Self.deciding(runs, threshold), of: runs.count { $0.fitSteps == nil }, remedies: Remedies(search))
  }

  /// The EMC; nil where the fit probability may nowhere be above one half.
  package var emc: Int? { threshold.emc }

  /// The failures that decide: those within the interval, else those of the size nearest to n₅₀.
  package static func deciding(_ runs: [TrainingRun], _ threshold: MeasuredThreshold) -> [TrainingRun] {
    let failures = runs.filter { $0.fitSteps == nil }
    let within = failures.filter { threshold.contains($0.samples) }
    guard within.isEmpty, let nearest = failures.map({ threshold.distance($0.samples) }).min() else {
      return within
    }
    return failures.filter { threshold.distance($0.samples) == nearest }
  }

  private static func bound(
    _ runs: [TrainingRun], _ threshold: MeasuredThreshold, _ search: Search
  ) -> Bound? {
    guard !runs.isEmpty else { return nil }
    let bound = search.bound(of: threshold.sizes)
    if threshold.emc == threshold.sizes.upperBound, threshold.isSurelyAtEnd { return bound }
    let outcomes = Set(deciding(runs, threshold).map(\.outcome))
    if outcomes.isEmpty { return bound }
    return outcomes.contains(.budget)
      ? .budget : outcomes.contains(.diverged) ? .diverged : outcomes.contains(.saddle) ? .saddle : .minimum
  }

  /// The largest probed size below the first that failed, and that size: the paper's own rule.
  package var strict: (largestFit: Int?, firstUnfit: Int?) {
    let firstUnfit = runs.first { $0.fitSteps == nil }?.samples
    let largestFit = runs.last { run in firstUnfit.map { run.samples < $0 } ?? true }?.samples
    return (largestFit, firstUnfit)
  }

  /// The p-value of the check that the fit probability falls with the size below which it fails: something else decides.
  static let monotoneLevel = 0.01

  /// The p-value of the check that the fit probability falls with the size.
  package var monotonePValue: Double {
    Monotonicity.pValue(
      FitCount.counts(
        runs.compactMap { [guardSteps] run in
          run.isFit(at: guardSteps).map { (samples: run.samples, isFit: $0) }
        }),
      posterior: threshold.posterior, seed: search.seed)
  }

  /// The members of the result that come from here.
  var members: [String: JSONValue] {
    let posterior = threshold.posterior
    let strict = strict
    return [
      "emc": .optional(emc),
      "interval": intervalJSON(threshold),
      "bounded_by": boundedBy.map { .string($0.rawValue) } ?? .null,
      "fit_probability": .object([
        "threshold": threshold.samples.map(JSONValue.number) ?? .null,
        // Without a run these are what is thought of networks beforehand.
        "scale": runs.isEmpty ? .null : .number(posterior.expectedScale),
        "lapse": runs.isEmpty ? .null : .number(posterior.expectedLapse),
        "monotone_p_value": .number(monotonePValue),
        "curve": FitCurveBand(posterior, level: search.settings.level).json,
      ]),
      "strict": .object([
        "largest_fit": .optional(strict.largestFit), "first_unfit": .optional(strict.firstUnfit),
      ]),
      "bracket": bracket.json,
      "failures": failuresJSON,
      "diagnosis": diagnosis.json,
      "fit_levels": levelsJSON,
      "probe_count": .integer(search.runCount(history)),
    ]
  }

  func intervalJSON(_ threshold: MeasuredThreshold) -> JSONValue {
    let (lower, upper) = threshold.interval
    return .object([
      "level": .number(search.settings.level), "lower": .optional(lower), "upper": .optional(upper),
    ])
  }

  /// The EMC where a training error counts as fit that is as large as the one asked for, or larger: the same probes tell
  /// it, since a level above the one asked for never ends a probe.
  private var levelsJSON: JSONValue {
    let asked = search.procedure.fitTrainingError
    let isRecorded = history.allSatisfy { probe in
      probe.outcome != .fit || probe.reached.contains { $0.trainingError == asked }
    }
    guard isRecorded else { return .array([]) }
    let levels = Set(ReachedLevel.recorded.filter { $0 >= asked } + [asked]).sorted()
    return .array(
      levels.map { level in
        let judged = history.map { $0.judged(at: level) }
        let threshold = search.threshold(judged, doublings: search.doublings(runs)).told
        return .object([
          "training_error": .number(level), "emc": .optional(threshold.emc),
          "interval": intervalJSON(threshold),
        ])
      })
  }

  private var failuresJSON: JSONValue {
    let count = runs.count { $0.fitSteps == nil }
    var members: [String: JSONValue] = [
      "count": .integer(count), "unverified": .integer(count - verdicts.count),
    ]
    for verdict in FailureVerdict.allCases {
      members[verdict.rawValue] = .integer(verdicts.count { $0 == verdict })
    }
    return .object(members)
  }

  /// How many verified failures had this verdict.
  func count(_ verdict: FailureVerdict) -> Int { verdicts.count { $0 == verdict } }
}
