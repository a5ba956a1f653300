import Training

extension SearchSettings {
  /// What each strategy does, in a line.
  static let summaries: KeyValuePairs = [
    "adaptive": "Probes where they tell most of n₅₀, until its interval is narrow enough",
    "bisect": "Doubles the size until it isn't fitted, then halves the bracket; replicates vote on each size",
    "increment": "Grows the size by a step or a factor until one isn't fitted, as the paper does",
    "grid": "Trains the sizes that are named, each with all its replicates",
  ]
  static let strategies = summaries.map(\.key)

  /// Reads `search`. A document that names no strategy but the replicates or the tolerance of a bisection means that.
  /// When a probe counts as fit is the experiment's.
  ///
  /// - Parameters:
  ///   - candidates: what its `tune` has been read as; nil where it hasn't been.
  ///   - sampleLimit: the most samples that a probe may have; nil where sizes have been held against it.
  init(
    reading reader: ObjectReader, of experiment: inout Experiment, candidates: [TuningCandidate]? = nil,
    sampleLimit: Int?
  ) {
    let limit = max(1, sampleLimit ?? .max)
    self.init()
    let isBisection = reader.has("replicates") || reader.has("relative_tolerance")
    let kind = reader.kind("strategy", of: Self.strategies, default: isBisection ? "bisect" : "adaptive")
    switch kind {
    case "bisect": strategy = .bisect(BisectSearch.Options(reading: reader))
    case "increment": strategy = .increment(IncrementSearch.Options(reading: reader))
    case "grid": strategy = .grid(GridSearch.Options(reading: reader, limit: limit))
    case "adaptive": strategy = .adaptive(AdaptiveSearch.Options(reading: reader))
    default: reader.acceptRest()
    }
    if case .grid = strategy {
      initialSamples = 1
    } else {
      initialSamples = reader.integer("initial_samples", in: 1...limit, default: min(initialSamples, limit))
    }
    level = reader.number("level", .closed(0.5, 0.999), default: level)
    budget = BudgetRule(reading: reader.object("budget"))
    if case .settle = budget, kind != "adaptive" {
      reader.fault(
        "budget", allowed: "the kind fixed, or the strategy adaptive", "needs a search that can go on")
    }
    let verification = reader.object("verification")
    verifiedProbes = verification.integer("probes", in: 0...10_000, default: verifiedProbes)
    if verifiedProbes > 0, case .quantized = experiment.training.reparameterization {
      verification.fault(
        "probes", allowed: "0, or parameters that aren't quantized",
        "can't be verified: quantized parameters have no gradient to descend")
    }
    verification.finish()
    let fit = reader.object("fit")
    experiment.training.fitTrainingError = fit.number("training_error", .from(0, below: 1), default: 0)
    fit.finish()
    self.candidates = candidates ?? TuningCandidate.read(reader)
    reader.finish()
  }

  /// Notes limits that contradict the procedure's.
  func check(against procedure: Procedure, _ faults: FaultCollector) {
    guard case .settle(_, let maxSteps) = budget, maxSteps < procedure.maxSteps,
      !faults.concerns("/search/budget")
    else { return }
    faults.add(
      "/search/budget/max_steps", .integer(maxSteps),
      allowed: "an integer from \(procedure.maxSteps), the max_steps of training that every probe may take",
      "is less than probes may take from the start")
  }

  /// `search` of an experiment's document.
  func json(of experiment: Experiment) -> JSONValue {
    var members: [String: JSONValue] = [
      "level": .number(level), "budget": budget.json,
      "fit": .object(["training_error": .number(experiment.training.fitTrainingError)]),
      "verification": .object(["probes": .integer(verifiedProbes)]),
    ]
    let (name, options): (String, [String: JSONValue]) =
      switch strategy {
      case .adaptive(let options): ("adaptive", options.members)
      case .bisect(let options): ("bisect", options.members)
      case .increment(let options): ("increment", options.members)
      case .grid(let options): ("grid", options.members)
      }
    members["strategy"] = .string(name)
    if name != "grid" { members["initial_samples"] = .integer(initialSamples) }
    if !candidates.isEmpty { members["tune"] = .array(candidates.map(\.json)) }
    return .object(members.merging(options) { $1 })
  }
}

extension BudgetRule {
  init(reading reader: ObjectReader) {
    switch reader.kind(of: ["fixed", "settle"], default: "fixed") {
    case "settle":
      self = .settle(
        tolerance: reader.number("tolerance", .above(0, to: 1), default: BudgetRule.fixed.tolerance),
        maxSteps: reader.integer("max_steps", in: 1...1_000_000_000_000))
    default: self = .fixed
    }
    reader.finish()
  }

  var json: JSONValue {
    switch self {
    case .fixed: .object(["kind": .string("fixed")])
    case .settle(let tolerance, let maxSteps):
      .object([
        "kind": .string("settle"), "tolerance": .number(tolerance), "max_steps": .integer(maxSteps),
      ])
    }
  }
}

extension AdaptiveSearch.Options {
  init(reading reader: ObjectReader) {
    self.init()
    relativeWidth = reader.number("relative_width", .above(0, to: 10), default: relativeWidth)
    maxProbes = reader.integer("max_probes", in: 1...100_000, default: maxProbes)
    probesPerRound = reader.integer("probes_per_round", in: 1...1000, default: probesPerRound)
  }

  var members: [String: JSONValue] {
    [
      "relative_width": .number(relativeWidth), "max_probes": .integer(maxProbes),
      "probes_per_round": .integer(probesPerRound),
    ]
  }
}

extension BisectSearch.Options {
  init(reading reader: ObjectReader) {
    self.init()
    relativeTolerance = reader.number("relative_tolerance", .from(0, below: 1), default: relativeTolerance)
    replicates = reader.integer("replicates", in: 1...10_000, default: replicates)
  }

  var members: [String: JSONValue] {
    ["relative_tolerance": .number(relativeTolerance), "replicates": .integer(replicates)]
  }
}

extension IncrementSearch.Options {
  init(reading reader: ObjectReader) {
    self.init()
    if reader.has("step") {
      increment = .step(reader.integer("step", in: 1...1_000_000_000))
      if reader.has("factor") {
        reader.fault("factor", allowed: "a step or a factor", "stands beside a step")
        _ = reader.value("factor")
      }
    } else {
      increment = .factor(reader.number("factor", .above(1, to: 1000), default: 1.1))
    }
    replicates = reader.integer("replicates", in: 1...10_000, default: replicates)
  }

  var members: [String: JSONValue] {
    var members: [String: JSONValue] = ["replicates": .integer(replicates)]
    switch increment {
    case .step(let step): members["step"] = .integer(step)
    case .factor(let factor): members["factor"] = .number(factor)
    }
    return members
  }
}

extension GridSearch.Options {
  init(reading reader: ObjectReader, limit: Int) {
    let sizes = reader.integers("sizes", in: 1...limit, count: 1...1000)
    self.init(
      sizes: Set(sizes).sorted(), replicates: reader.integer("replicates", in: 1...10_000, default: 3))
    if self.sizes.count < sizes.count, !reader.faults.concerns(reader.pointer(to: "sizes")) {
      reader.fault(
        "sizes", allowed: "different sizes; `replicates` says how often each is tried",
        "has a size more than once")
    }
    if sizes.count * replicates > 100_000 {
      reader.fault(
        "replicates", allowed: "at most 100000 probes in all", "makes \(sizes.count * replicates) probes")
    }
  }

  var members: [String: JSONValue] {
    ["sizes": .array(sizes.map(JSONValue.integer)), "replicates": .integer(replicates)]
  }
}
