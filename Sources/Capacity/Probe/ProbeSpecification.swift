/// All that determines a probe's outcome.
package struct ProbeSpecification: Sendable, Hashable {
  /// What is trained on what.
  package let experiment: Experiment
  /// The content of the data set that the probe draws from.
  package let datasetDigest: String
  /// The size and the replicate.
  package private(set) var address: ProbeAddress

  /// A probe of an experiment, its guard doubled as the address has it.
  package init(experiment: Experiment, datasetDigest: String, address: ProbeAddress) {
    var experiment = experiment
    experiment.training.maxSteps <<= address.doublings
    self.experiment = experiment
    self.datasetDigest = datasetDigest
    self.address = address
  }

  /// Decodes what `json` wrote: a pure function of the document.
  ///
  /// - Throws: `SpecificationError`, for one when another revision of the engine wrote it.
  package init(json: JSONValue) throws(SpecificationError) {
    let faults = FaultCollector()
    let reader = ObjectReader(json, at: "", faults: faults)
    var experiment = Experiment(recorded: reader)
    if experiment.training.learningRate == .automatic {
      reader.object("training").object("optimizer").fault(
        "learning_rate", allowed: "a number", "is a race among rates, which one probe can't hold")
    }
    let fit = reader.object("fit")
    experiment.training.fitTrainingError = fit.number("training_error", .from(0, below: 1), default: 0)
    fit.finish()
    self.experiment = experiment
    datasetDigest =
      reader.string("dataset_digest", allowed: "a SHA-256 digest in hexadecimal") {
        $0.utf8.count == 64 && $0.allSatisfy(\.isHexDigit)
      } ?? ""
    let kind: ProbeKind? = reader.choice("kind", default: .training)
    address = ProbeAddress(
      samples: reader.integer("samples", in: 1...Int.max),
      replicate: reader.integer("replicate", in: 0...Int(Int32.max)),
      kind: kind ?? .training)
    _ = reader.integer("engine_revision", in: engineRevision...engineRevision)
    reader.finish()
    try faults.throwIfAny()
  }

  /// The document that a worker trains by.
  package var json: JSONValue { .object(members) }

  private var members: [String: JSONValue] {
    guard case .object(var members) = experiment.json else {
      preconditionFailure("an experiment is an object")
    }
    members["dataset_digest"] = .string(datasetDigest)
    // Left out where it is 0: the address of a probe that has to fit all stays what it was before there was a tolerance.
    if experiment.training.fitTrainingError != 0 {
      members["fit"] = .object(["training_error": .number(experiment.training.fitTrainingError)])
    }
    // Likewise: a training run is what a probe was before there were others.
    if address.kind != .training { members["kind"] = .string(address.kind.rawValue) }
    members["samples"] = .integer(address.samples)
    members["replicate"] = .integer(address.replicate)
    members["engine_revision"] = .integer(engineRevision)
    return members
  }

  /// The content address of all but the guard. Where the procedure doesn't depend on its guard, probes that
  /// share it are one run of different lengths.
  package var trajectoryDigest: String {
    var experiment = experiment
    experiment.training.maxSteps = 1
    return ProbeSpecification(
      experiment: experiment, datasetDigest: datasetDigest,
      address: ProbeAddress(samples: address.samples, replicate: address.replicate)
    ).digest
  }

  /// What finds a state to go on from: `trajectoryDigest` where the procedure doesn't depend on its guard,
  /// else the training run's own address. A verification goes on from the end of the run that it verifies.
  package var trajectory: String {
    experiment.training.dependsOnGuard ? training.digest : trajectoryDigest
  }

  /// The training run at this place.
  package var training: ProbeSpecification {
    var training = self
    training.address = ProbeAddress(
      samples: address.samples, replicate: address.replicate, doublings: address.doublings)
    return training
  }

  /// The content address: equal for two probes that must end alike, whatever job asked for them and whatever
  /// the user calls the data.
  package var digest: String {
    contentAddress(of: .object(members.merging(["dataset": experiment.data.dataset.address]) { $1 }))
  }
}
