/// What a measurement found: the EMC with its interval and what limits it. The probes behind it are rows of their own.
package struct MeasurementResult: Sendable {
  /// What the probes tell.
  package let estimate: Estimate
  /// What networks get right that were trained after the search; nil where none were asked for.
  package let generalization: Generalization?
  /// P, the number of trainable parameters.
  package let parameterCount: Int
  /// The kernels that probes were trained with.
  package let kernels: [String]
  /// What ended it.
  package let end: MeasurementEnd
  /// Whether that ended its search, not what follows it.
  private let endsSearch: Bool
  private let limits: MeasurementLimits
  /// How its procedure was chosen; nil where there was no choice.
  package let tuning: TuningReport?
  /// Whether its training sets are prefixes of one another.
  private let isNested: Bool

  /// The result of a measurement that has ended.
  package init(
    estimate: Estimate, generalization: Generalization? = nil, parameterCount: Int, kernels: [String],
    end: MeasurementEnd = .search, endsSearch: Bool = true,
    limits: MeasurementLimits = MeasurementLimits(), tuning: TuningReport? = nil, isNested: Bool = false
  ) {
    self.isNested = isNested
    self.tuning = tuning
    self.estimate = estimate
    self.generalization = generalization
    self.parameterCount = parameterCount
    self.kernels = kernels
    self.end = end
    self.endsSearch = endsSearch
    self.limits = limits
  }

  /// The result without its probes, as it is stored.
  package var json: JSONValue { .object(members) }

  /// The result as the API and the command line show it: with every probe, by size and then by replicate. Only the
  /// probes' `seconds` may differ between two runs.
  package func json(withProbes probes: [ProbeResult]) -> JSONValue {
    .object(
      members.merging(["probes": .array(probes.filter { $0.address.candidate == nil }.map(\.json))]) { $1 })
  }

  private var members: [String: JSONValue] {
    let budget = BudgetDependence(estimate)
    let summary = Summary(estimate, budget).text
    let nested =
      isNested
      ? "All sizes are prefixes of one order of the samples (subset.nested): the interval is that of this order alone, not of "
        + "what another would give." : nil
    let sentences = [summary, nested, tuning?.sentence, end.sentence(limits, endsSearch: endsSearch)]
      .compactMap(\.self)
    let own: [String: JSONValue] = [
      "summary": .string(sentences.joined(separator: " ")),
      "budget": budget.json,
      "ended_by": .string(end.rawValue),
      "reproducible": .bool(end.isReproducible),
      "tuning": tuning?.json ?? .null,
      "generalization": generalization?.json ?? .null,
      "parameter_count": .integer(parameterCount),
      "emc_per_parameter": estimate.threshold.emcPerParameter(parameterCount).map(JSONValue.number) ?? .null,
      "environment": .object([
        "blas_kernels": .string(kernels.joined(separator: ", ")),
        "engine_revision": .integer(engineRevision),
        "version": .string(emcVersion),
      ]),
    ]
    return estimate.members.merging(own) { $1 }
  }
}

/// The release of emc.
package let emcVersion = "0.1.0"
