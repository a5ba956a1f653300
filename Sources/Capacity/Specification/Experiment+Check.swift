import Datasets
import Networks
import Training

extension Experiment {
  /// Notes the faults that only the whole shows: a network that can't be built on the data, parts that don't go
  /// together, or more memory than there is. Finds the width of a model that names its number of parameters, and the
  /// learning rate where none is given.
  ///
  /// - Returns: what probes of a batch of samples take; nil where the network can't be built.
  mutating func check(
    against facts: DatasetFacts, memoryLimit: Int, _ faults: FaultCollector
  ) -> Footprint? {
    let footprint: Footprint
    do throws(ArchitectureError) {
      if let target = model.targetParameters {
        model.architecture = try model.architecture.scaled(
          toParameters: target, input: facts.shape, classes: data.classCount(of: facts.classes))
        model.targetParameters = nil
        guard model.architecture.canBeSpecified else { throw .tooLarge }
      }
      let batch = if case .size(let size) = training.batchSize { size } else { 64 }
      footprint = try Footprint(self, of: facts.form, samples: min(batch, facts.trainingSamples))
    } catch .invalid(let field, let reason) {
      faults.add("/model/\(field)", model.value(at: field), allowed: "a model that fits the data", reason)
      return nil
    } catch {
      faults.add("/model", model.json, allowed: "a smaller model", error.description)
      return nil
    }
    findUsualRate(on: facts.form)
    checkBatches(footprint, faults)
    checkOptimizer(footprint, faults)
    if training.schedule.warmupSteps > training.maxSteps {
      faults.add(
        "/training/schedule/warmup_steps", .integer(training.schedule.warmupSteps),
        allowed: "an integer from 0 to \(training.maxSteps), the steps of a probe (max_steps)",
        "ends training before the learning rate is what it is given as")
    }
    if footprint.parameterCount > footprint.networkParameters {
      faults.add(
        "/training/reparameterization/dimension", .integer(footprint.parameterCount),
        allowed: "an integer from 1 to \(footprint.networkParameters), the network's parameters",
        "is larger than what it is a subspace of")
    }
    if footprint.memory.peak > memoryLimit {
      faults.add(
        "/model", model.json,
        allowed: "a model that trains in \(memoryLimit >> 20) MiB, or a larger --memory-limit",
        "has \(footprint.networkParameters) parameters and would need about \(footprint.memory.peak >> 20) MiB"
      )
    }
    return footprint
  }

  private func checkBatches(_ footprint: Footprint, _ faults: FaultCollector) {
    guard footprint.normalizesBatches, case .size(let size) = training.batchSize else { return }
    if size == 1 {
      faults.add(
        "/training/batch_size", .integer(1), allowed: "2 or more, or \"full\"",
        "leaves batch normalisation without statistics")
    } else if size / training.shards < 2 {
      faults.add(
        "/training/shards", .integer(training.shards),
        allowed: "an integer from 1 to \(size / 2), so that each part has two samples or more",
        "leaves batch normalisation without statistics")
    }
  }

  private func checkOptimizer(_ footprint: Footprint, _ faults: FaultCollector) {
    let optimizer = training.optimizer
    guard !optimizer.usesLearningRate else { return }
    if training.augmentation != .none {
      faults.add(
        "/inputs/augmentation", data.json["inputs"]?["augmentation"], allowed: "none, or another optimizer",
        "does not go with \(optimizer.name), whose line search needs the same loss each time")
    }
    if footprint.hasDropout {
      let field = model.architecture.dropoutField
      faults.add(
        "/model/\(field)", model.value(at: field), allowed: "0, or another optimizer",
        "does not go with \(optimizer.name), whose line search needs the same loss each time")
    }
  }
}

extension ModelSpecification {
  /// What stands at a path below the model.
  fileprivate func value(at path: String) -> JSONValue? {
    json.value(at: JSONPointer(tokens: path.split(separator: "/").map(String.init)))
  }
}

extension Architecture {
  /// The field that asks for dropout, below the model: of a list the first layer's that does.
  fileprivate var dropoutField: String {
    guard case .sequential(let network) = self else { return "dropout" }
    return Self.dropoutPath(network.layers, "layers") ?? "layers"
  }

  private static func dropoutPath(_ layers: [LayerSpecification], _ path: String) -> String? {
    for (number, layer) in layers.enumerated() {
      switch layer.kind {
      case .dropout(let rate) where rate > 0: return "\(path)/\(number)/rate"
      case .residual(let inner, _):
        if let found = dropoutPath(inner, "\(path)/\(number)/layers") { return found }
      default: break
      }
    }
    return nil
  }
}
