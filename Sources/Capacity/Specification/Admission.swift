import Compute
import Datasets
import Foundation
import Networks
import Training

/// A specification that can be run: read from a client's document, held against everything (ranges, the data set, memory),
/// its defaults filled in.
///
/// From here on its document is decoded by `MeasurementSpecification(recorded:)`, a pure function, and what it was
/// admitted with stays as it is: no process looks at its own files or memory to understand it.
package struct Admission: Sendable {
  /// What was asked for, with all its defaults.
  package let specification: MeasurementSpecification
  /// What is known of the data set.
  package let facts: DatasetFacts
  /// What the measurement keeps to from now on.
  package let terms: MeasurementTerms
  /// What is said of the job beside the measurement.
  package let options: JobOptions

  /// Reads a specification and checks that it can be run.
  ///
  /// - Parameters:
  ///   - datasets: says what the data sets are that a specification names. Nothing is fetched: of a published data set
  ///     that isn't here yet the catalogue says enough.
  ///   - memoryLimit: bytes that the probes of a machine may take together.
  /// - Throws: `SpecificationError` with every fault.
  package init(
    json: JSONValue, besides: [String] = [], datasets: DatasetResolver = .catalogue,
    memoryLimit: Int = MemoryLimit.ofThisMachine
  ) throws(SpecificationError) {
    let faults = FaultCollector()
    let reader = ObjectReader(json, at: "", faults: faults)
    // Of what is no object nothing can be missing.
    try faults.throwIfAny()
    let name = MeasurementSpecification.name(reading: reader)
    options = JobOptions(reading: reader.object("job"))
    let found = DatasetFinding(
      reading: reader.object("dataset"), required: reader.has("dataset"), datasets: datasets)
    var experiment = Experiment(reading: reader, dataset: found.dataset, facts: found.facts)
    var sampleLimit = found.facts?.trainingSamples
    var footprint: Footprint?
    if let facts = found.facts, faults.isEmpty {
      sampleLimit = found.sampleLimit(of: experiment.data, faults)
      footprint = experiment.check(against: facts, memoryLimit: memoryLimit, faults)
    }
    let searchReader = reader.object("search")
    let requested = TuningCandidate.read(searchReader)
    // Run against an experiment that is itself at fault, candidates would have faults that nobody made.
    let isSound = !["dataset", "labels", "inputs", "subset", "model", "training", "seed"].contains {
      faults.concerns("/" + $0)
    }
    let tuning = TuningAdmission(
      requested, of: json, base: experiment, dataset: found.dataset, facts: isSound ? found.facts : nil,
      memoryLimit: memoryLimit, faults)
    // What one of them can't train none is asked for: any may win.
    let experiments = [experiment] + tuning.experiments
    let verified = json["search"]?["verification"]?["probes"]?.integerValue ?? 0
    var memory: Int?
    if let facts = found.facts, isSound, footprint != nil {
      memory = Footprint.largestSize(
        experiments, of: facts.form, upTo: sampleLimit ?? 1, within: memoryLimit, verifies: verified > 0)
      if memory == 0 {
        faults.add(
          Footprint.unverifiable(experiments, of: facts.form, probes: verified, within: memoryLimit))
      }
    }
    let limit = sampleLimit.map { min($0, memory ?? $0) }
    let search = SearchSettings(
      reading: searchReader, of: &experiment, candidates: tuning.candidates, sampleLimit: limit)
    let limits = MeasurementLimits(reading: reader.object("limits"))
    search.check(against: experiment.training, faults)
    let generalization = GeneralizationSettings(reading: reader, facts: found.facts, sampleLimit: limit)
    specification = MeasurementSpecification(
      name: name, experiment: experiment, search: search, limits: limits, generalization: generalization)
    if let facts = found.facts, isSound, footprint != nil, let limit, limit > 0 {
      generalization?.check(experiments, of: facts.form, memoryLimit: memoryLimit, faults)
      let terms = MeasurementTerms(
        form: facts.form, parameterCount: 0, memoryLimit: memory,
        dataset: PinnedDataset(digest: found.digest ?? "", sampleLimit: sampleLimit ?? limit))
      limits.check(MeasurementPlan(specification: specification, terms: terms), faults)
    }
    reader.finish(besides: besides)
    try faults.throwIfAny()
    guard let facts = found.facts, let footprint, let sampleLimit else {
      preconditionFailure("without a fault everything is known")
    }
    self.facts = facts
    terms = MeasurementTerms(
      form: facts.form, parameterCount: footprint.parameterCount, memoryLimit: memory,
      dataset: found.digest.map { PinnedDataset(digest: $0, sampleLimit: sampleLimit) })
  }

  /// The sizes that a search may ask for, as far as is known.
  package var limits: SearchLimits {
    SearchLimits(dataset: terms.dataset?.sampleLimit ?? facts.trainingSamples, memory: terms.memoryLimit)
  }

  /// The largest size that a probe may have, as far as is known.
  package var sampleLimit: Int {
    let samples = terms.dataset?.sampleLimit ?? facts.trainingSamples
    return min(samples, terms.memoryLimit ?? samples)
  }

  /// What the network is and what probes of `samples` samples take.
  package func footprint(samples: Int) -> Footprint {
    Footprint(admitted: specification.experiment, of: terms.form, samples: samples)
  }

  /// What `emc describe` shows: the footprint, and the learning rate, which may follow from the network.
  package func description(samples: Int) -> JSONValue {
    let rate = specification.experiment.training.json["optimizer"]?["learning_rate"]
    return footprint(samples: samples).json.merging(.object(["learning_rate": rate ?? .null]))
  }
}
