import Compute
import Training

/// What a picture shows of a measurement, read from its JSON: as `emc measure` prints it, or a job as
/// `GET /v1/jobs/{id}` answers it.
struct MeasurementReading: Sendable {
  /// A probe as a mark: its size and how it ended.
  struct Probe: Sendable, Hashable {
    let samples: Int
    let replicate: Int
    let outcome: Outcome
    let steps: Int
    let maxSteps: Int
    /// Whether the same run is there with a longer guard.
    var isSuperseded = false
  }

  /// The fit probability over sizes, ascending.
  struct Curve: Sendable, Hashable {
    let samples: [Double]
    let median: [Double]
    let lower: [Double]
    let upper: [Double]
  }

  struct Interval: Sendable, Hashable {
    let level: Double
    let lower: Double?
    let upper: Double?
  }

  struct Budget: Sendable, Hashable {
    let steps: Double
    let emc: Int?
    let interval: Interval
  }

  struct Growth: Sendable, Hashable {
    let value: Double
    let lower: Double
    let upper: Double
  }

  let name: String?
  /// Where the job stands; nil for a measurement of the command line.
  let state: String?
  let isInterrupted: Bool
  let probes: [Probe]
  let curve: Curve?
  let emc: Int?
  /// n₅₀, not rounded.
  let threshold: Double?
  let interval: Interval
  let boundedBy: String?
  let parameterCount: Int?
  /// EMC / P, where it is told.
  let emcPerParameter: Double?
  let budgets: [Budget]
  /// The longest guard.
  let guardSteps: Int?
  let growth: Growth?
  let isSettled: Bool?
  let summary: String?
  /// What was measured: of a race among candidates the winner, else what was asked for.
  let specification: JSONValue?

  /// Whether its search has ended.
  var isComplete: Bool { !isInterrupted && (state == nil || state == "succeeded") }

  /// The EMC over the steps, where there is one to draw. What was told at the guard is among them, also where its halvings
  /// have no estimate, as with runs that all fitted.
  var shownBudgets: [Budget] {
    guard !probes.isEmpty else { return [] }
    let told = guardSteps.flatMap { steps in
      steps > 0 && !budgets.contains { $0.steps >= Double(steps) }
        ? Budget(steps: Double(steps), emc: emc, interval: interval) : nil
    }
    return (budgets + [told].compactMap(\.self)).filter { ($0.emc ?? 0) > 0 }
  }

  /// - Throws: `SpecificationError` with every fault, where it is no such document.
  init(_ json: JSONValue) throws(SpecificationError) {
    let faults = FaultCollector()
    let whole = ObjectReader(json, at: "", faults: faults)
    try faults.throwIfAny()
    let isJob = whole.has("result")
    let result: ObjectReader
    if isJob, json["result"] == .null {
      whole.fault(
        "result", allowed: "a result; GET /v1/jobs/{id}/plot.svg draws jobs that have none yet",
        "is not there yet")
      throw SpecificationError(faults: faults.faults)
    }
    result = isJob ? whole.object("result") : whole
    name = (isJob ? json : json["specification"] ?? .null)["name"]?.stringValue
    state = isJob ? json["state"]?.stringValue : nil
    isInterrupted = json["interrupted"] == .bool(true)
    for required in ["emc", "interval", "probes"] where !result.has(required) {
      result.fault(
        required, allowed: "what emc measure prints, or GET /v1/jobs/{id} answers", FaultCollector.missing)
    }
    try faults.throwIfAny()
    specification = result.value("tuning")?["winner"]?["specification"] ?? json["specification"]
    emc = result.optionalInteger("emc", in: 0...Int.max)
    interval = Interval(result.object("interval"))
    probes = Self.probes(result)
    let fit = result.object("fit_probability")
    threshold = fit.optionalNumber("threshold", .above(0, to: .greatestFiniteMagnitude))
    curve = fit.has("curve") ? Self.curve(fit.object("curve")) : nil
    boundedBy = result.optionalString("bounded_by", allowed: "a string")
    parameterCount = result.optionalInteger("parameter_count", in: 1...Int.max)
    emcPerParameter = result.optionalNumber("emc_per_parameter", .above(0, to: .greatestFiniteMagnitude))
    summary = result.optionalString("summary", allowed: "a string")
    let budget = result.object("budget")
    budgets = Self.budgets(budget)
    guardSteps = budget.optionalInteger("steps", in: 0...Int.max)
    growth = Self.growth(budget)
    isSettled = budget.has("settled") ? budget.boolean("settled", default: false) : nil
    try faults.throwIfAny()
  }

  private static func probes(_ result: ObjectReader) -> [Probe] {
    var probes: [Probe] = []
    for reader in result.elements("probes") {
      // What looks at a failed run's end is no run.
      let kind: ProbeKind? = reader.choice("kind", default: .training)
      guard kind == .training else { continue }
      let samples = reader.integer("samples", in: 1...Int.max)
      let replicate = reader.integer("replicate", in: 0...Int.max)
      let outcome: Outcome? = reader.choice("outcome")
      let steps = reader.integer("steps", in: 0...Int.max)
      let maxSteps = reader.optionalInteger("max_steps", in: 0...Int.max) ?? steps
      guard let outcome else { continue }
      probes.append(
        Probe(samples: samples, replicate: replicate, outcome: outcome, steps: steps, maxSteps: maxSteps))
    }
    probes.sort {
      ($0.samples, $0.replicate, $0.maxSteps, $0.steps) < ($1.samples, $1.replicate, $1.maxSteps, $1.steps)
    }
    for index in probes.indices.dropLast() {
      let (probe, next) = (probes[index], probes[index + 1])
      probes[index].isSuperseded = probe.samples == next.samples && probe.replicate == next.replicate
    }
    return probes
  }

  private static func curve(_ reader: ObjectReader) -> Curve? {
    func numbers(_ name: String, _ allowed: ClosedRange<Double>, count: Int?) -> [Double] {
      let values = reader.value(name)?.arrayValue?.map(\.doubleValue)
      guard let values, values.allSatisfy({ $0.map(allowed.contains) ?? false }),
        values.count == count ?? values.count
      else {
        let length = count.map { ", as many as samples (\($0))" } ?? ""
        reader.fault(
          name, allowed: "an array of numbers from \(allowed.lowerBound) to \(allowed.upperBound)\(length)",
          "is not such an array")
        return []
      }
      return values.compactMap(\.self)
    }
    let samples = numbers("samples", 1...Double(Int.max), count: nil)
    guard zip(samples, samples.dropFirst()).allSatisfy({ $0 < $1 }) else {
      reader.fault("samples", allowed: "ascending sizes", "does not ascend")
      return nil
    }
    let curve = Curve(
      samples: samples, median: numbers("median", 0...1, count: samples.count),
      lower: numbers("lower", 0...1, count: samples.count),
      upper: numbers("upper", 0...1, count: samples.count))
    return samples.isEmpty ? nil : curve
  }

  private static func budgets(_ budget: ObjectReader) -> [Budget] {
    budget.elements("emc_at").map { reader in
      Budget(
        steps: Double(reader.integer("steps", in: 1...Int.max)),
        emc: reader.optionalInteger("emc", in: 0...Int.max), interval: Interval(reader.object("interval")))
    }.sorted { $0.steps < $1.steps }
  }

  private static func growth(_ budget: ObjectReader) -> Growth? {
    guard let value = budget.value("growth_per_doubling"), value != .null else { return nil }
    let growth = budget.object("growth_per_doubling")
    let interval = growth.object("interval")
    let any = NumberInterval.closed(-1, .greatestFiniteMagnitude)
    return Growth(
      value: growth.number("value", any), lower: interval.number("lower", any),
      upper: interval.number("upper", any))
  }
}

extension [MeasurementReading.Probe] {
  /// By size, and of one size those together that ended alike: as they are stacked.
  var stacked: [MeasurementReading.Probe] {
    Outcome.allCases.flatMap { outcome in filter { $0.outcome == outcome } }
      .enumerated().sorted { ($0.element.samples, $0.offset) < ($1.element.samples, $1.offset) }
      .map(\.element)
  }
}
