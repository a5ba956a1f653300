/// One combination of a study's axes with what its job found there.
package struct ComparedCell: Sendable {
  /// The value that one axis has in a cell.
  package struct AxisValue: Sendable, Hashable {
    /// The field of the specification, as a JSON pointer.
    package let pointer: String
    package let value: JSONValue
    /// What people call it, which doesn't make it another.
    let label: String

    /// The value of a field.
    package init(pointer: String, value: JSONValue, label: String? = nil) {
      self.pointer = pointer
      self.value = value
      self.label = label ?? value.text()
    }

    package static func == (a: Self, b: Self) -> Bool { (a.pointer, a.value) == (b.pointer, b.value) }

    package func hash(into hasher: inout Hasher) {
      hasher.combine(pointer)
      hasher.combine(value)
    }
  }

  /// What its networks got right of the test split, trained with the cell's own procedure at one size.
  package struct Generalization: Sendable, Hashable {
    /// The mean test accuracy.
    package let testAccuracy: Double
    /// The mean of training accuracy less test accuracy.
    package let gap: Double

    /// Two means.
    package init(testAccuracy: Double, gap: Double) {
      self.testAccuracy = testAccuracy
      self.gap = gap
    }
  }

  /// Its measurement.
  package enum Outcome: Sendable {
    /// The job has probes to read.
    case measured(CellReading)
    /// There is nothing to compare, for this reason: the job failed, was cancelled, or has no probe yet.
    case missing(String)
  }

  /// A short name, unique in its study.
  package let label: String
  /// Its values, in the order of the axes.
  package let values: [AxisValue]
  /// The job's identifier, where there is a service.
  package let job: String?
  /// What was found.
  package let outcome: Outcome
  /// P, the number of trainable parameters.
  package let parameterCount: Int?
  /// What was measured on the test split.
  package let generalization: Generalization?
  /// Why its measurement has not come to its end, so that its reading is what was known by then; nil where it has.
  package let incomplete: String?

  /// A cell.
  package init(
    label: String, values: [AxisValue], job: String? = nil, outcome: Outcome, parameterCount: Int? = nil,
    generalization: Generalization? = nil, incomplete: String? = nil
  ) {
    self.label = label
    self.values = values
    self.job = job
    self.outcome = outcome
    self.parameterCount = parameterCount
    self.generalization = generalization
    self.incomplete = incomplete
  }

  /// A cell whose job has these probes; without any it is missing.
  package init(
    label: String, values: [AxisValue], job: String? = nil, observations: [ProbeObservation], search: Search,
    parameterCount: Int? = nil, generalization: Generalization? = nil, incomplete: String? = nil
  ) {
    self.init(
      label: label, values: values, job: job,
      outcome: observations.isEmpty
        ? .missing("no probe has ended") : .measured(CellReading(observations, search: search)),
      parameterCount: parameterCount, generalization: generalization, incomplete: incomplete)
  }

  /// What was measured, where anything was.
  var reading: CellReading? { if case .measured(let reading) = outcome { reading } else { nil } }

  /// The value of an axis.
  func value(_ pointer: String) -> JSONValue? { values.first { $0.pointer == pointer }?.value }

  package var json: JSONValue {
    var members: [String: JSONValue] = [
      "label": .string(label),
      "values": .object(
        Dictionary(values.map { ($0.pointer, $0.value) }) { first, _ in first }),
      "job": job.map(JSONValue.string) ?? .null,
      "parameter_count": .optional(parameterCount),
      "test_accuracy": generalization.map { .number($0.testAccuracy) } ?? .null,
      "generalization_gap": generalization.map { .number($0.gap) } ?? .null,
      "missing": .null,
      "incomplete": incomplete.map(JSONValue.string) ?? .null,
    ]
    for name in CellReading.memberNames { members[name] = .null }
    switch outcome {
    case .missing(let reason): members["missing"] = .string(reason)
    case .measured(let reading):
      members.merge(reading.members) { $1 }
      members["emc_per_parameter"] =
        parameterCount.flatMap(reading.threshold.emcPerParameter).map(JSONValue.number) ?? .null
    }
    return .object(members)
  }
}
