import Datasets
import Networks
import Training

/// All that determines a measurement. Two equal specifications give the same result, bit for bit, on processors
/// of one kind.
package struct MeasurementSpecification: Sendable, Hashable {
  /// A label for people; determines nothing.
  package var name: String?
  /// Everything that determines the probes but their size and replicate.
  package var experiment: Experiment
  /// How sizes are chosen.
  package var search: SearchSettings
  /// What it may take in all.
  package var limits: MeasurementLimits
  /// How networks are tested after the search; nil where none are.
  package var generalization: GeneralizationSettings?

  /// A measurement of an experiment.
  package init(
    name: String? = nil, experiment: Experiment, search: SearchSettings = SearchSettings(),
    limits: MeasurementLimits = MeasurementLimits(), generalization: GeneralizationSettings? = nil
  ) {
    self.generalization = generalization
    self.name = name
    self.experiment = experiment
    self.search = search
    self.limits = limits
  }

  /// The specification of a client's document, as `Admission` reads it.
  ///
  /// - Throws: `SpecificationError` with every fault.
  package init(json: JSONValue, datasets: DatasetResolver = .catalogue) throws(SpecificationError) {
    self = try Admission(json: json, datasets: datasets).specification
  }

  /// Decodes what `json` wrote: a pure function of the document, of which no file, no memory and no network is asked.
  ///
  /// - Parameter form: fills in the defaults that follow from it, which `json` always writes.
  /// - Throws: `SpecificationError` where it is no such document.
  package init(recorded json: JSONValue, on form: DataForm? = nil) throws(SpecificationError) {
    let faults = FaultCollector()
    let reader = ObjectReader(json, at: "", faults: faults)
    try faults.throwIfAny()
    name = Self.name(reading: reader)
    var experiment = Experiment(recorded: reader, on: form)
    search = SearchSettings(reading: reader.object("search"), of: &experiment, sampleLimit: nil)
    limits = MeasurementLimits(reading: reader.object("limits"))
    self.experiment = experiment
    generalization = GeneralizationSettings(reading: reader, facts: nil, sampleLimit: nil)
    reader.finish()
    try faults.throwIfAny()
    for candidate in search.candidates { _ = try candidate.experiment(of: experiment) }
  }

  /// Holds the sizes that were asked for against data that weren't here at admission, and against memory.
  ///
  /// - Throws: `SpecificationError` with every size that is beyond.
  package func checkSizes(upTo limit: Int) throws(SpecificationError) {
    var asked: [(pointer: String, samples: Int)] = []
    if case .grid(let options) = search.strategy {
      asked = options.sizes.enumerated().map { ("/search/sizes/\($0)", $1) }
    } else if search.initialSamples != SearchSettings().initialSamples {
      // Where nothing is said the first size is no larger than there may be.
      asked.append(("/search/initial_samples", search.initialSamples))
    }
    if let generalization { asked.append(("/generalization/samples", generalization.samples)) }
    let faults = FaultCollector()
    for (pointer, samples) in asked where samples > limit {
      faults.add(
        pointer, .integer(samples), allowed: "an integer from 1 to \(limit)", FaultCollector.outOfRange)
    }
    try faults.throwIfAny()
  }

  static func name(reading reader: ObjectReader) -> String? {
    guard reader.has("name") else {
      _ = reader.value("name")
      return nil
    }
    return reader.string("name", allowed: "a string of 1 to 200 characters without NUL") {
      (1...200).contains($0.unicodeScalars.count) && !$0.unicodeScalars.contains("\0")
    }
  }

  /// The specification with all its defaults.
  package var json: JSONValue {
    guard case .object(var members) = experiment.json else {
      preconditionFailure("an experiment is an object")
    }
    members["name"] = name.map(JSONValue.string)
    members["search"] = search.json(of: experiment)
    members["limits"] = limits.json
    members["generalization"] = generalization?.json
    return .object(members)
  }
}
