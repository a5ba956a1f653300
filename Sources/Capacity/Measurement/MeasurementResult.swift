/// One search with its result: the EMC, its bracket and every probe.
package struct MeasurementResult: Sendable, Hashable {
  /// What the search found.
  package let estimate: Estimate
  /// P, the number of trainable parameters.
  package let parameterCount: Int
  /// Every probe, by size and then by replicate.
  package let probes: [ProbeResult]

  /// The result of a search that has ended.
  package init(estimate: Estimate, parameterCount: Int, probes: [ProbeResult]) {
    self.estimate = estimate
    self.parameterCount = parameterCount
    self.probes = probes.sorted { $0.address < $1.address }
  }

  /// The result as the API and the command line show it; only `seconds` may differ between two runs.
  package var json: JSONValue {
    let kernels = Set(probes.compactMap { $0.json["blas_kernels"]?.stringValue }).sorted()
    return .object([
      "emc": .integer(estimate.emc),
      "bracket": estimate.bracket.json,
      "bounded_by": .string(estimate.boundedBy.rawValue),
      "parameter_count": .integer(parameterCount),
      "emc_per_parameter": .number(Double(estimate.emc) / Double(parameterCount)),
      "probes": .array(probes.map(\.json)),
      "environment": .object([
        "blas_kernels": .string(kernels.joined(separator: ", ")),
        "engine_revision": .integer(engineRevision),
        "version": .string(emcVersion),
      ]),
    ])
  }
}

/// The release of emc.
package let emcVersion = "0.1.0"
