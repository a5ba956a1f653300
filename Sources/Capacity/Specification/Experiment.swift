import Datasets
import Foundation
import Networks
import Training

/// What is trained on what: everything that determines a probe but its size and its replicate.
package struct Experiment: Sendable, Hashable {
  /// The inputs and their labels.
  package var data: DataSpecification
  /// The network.
  package var model: ModelSpecification
  /// Optimizer, schedule, batch size, budget and the thresholds of convergence.
  package var training: Procedure
  /// Keys every random choice, together with the sample size and the replicate.
  package var seed: UInt64
  /// P, the number of trainable parameters.
  package private(set) var parameterCount = 0

  /// Reads the members of a document that describe the experiment; faults go to the reader's collector.
  init(reading reader: ObjectReader, datasets: DatasetResolver) {
    data = DataSpecification(reading: reader, datasets: datasets)
    model = ModelSpecification(reading: reader.object("model"), required: reader.has("model"))
    training = Procedure(reading: reader.object("training"))
    training.initialization = model.initialization
    training.augmentation = data.augmentation
    seed = UInt64(reader.integer("seed", in: 0...(1 << 53 - 1), default: 1))
    if reader.faults.faults.isEmpty { checkThatItCanRun(reader.faults) }
  }

  /// The largest size that a probe may have: the training split.
  package var sampleLimit: Int { data.dataset.facts.trainingSamples }

  /// Faults that only the whole shows: a network that can't be built on the data, parts that don't go together,
  /// or more memory than there is.
  private mutating func checkThatItCanRun(_ faults: FaultCollector) {
    let footprint: Footprint
    do throws(ArchitectureError) {
      if let target = model.targetParameters {
        model.architecture = try model.architecture.scaled(
          toParameters: target, input: InputShape(data.dataset.facts.shape),
          classes: data.classCount(of: data.dataset.facts.classes))
        model.targetParameters = nil
        guard model.architecture.canBeSpecified else { throw .tooLarge }
      }
      let batch = if case .size(let size) = training.batchSize { size } else { 64 }
      footprint = try Footprint(self, samples: min(batch, sampleLimit))
    } catch .invalid(let field, let reason) {
      faults.add("/model/\(field)", model.json[field], allowed: "a model that fits the data", reason)
      return
    } catch {
      faults.add("/model", model.json, allowed: "a smaller model", error.description)
      return
    }
    parameterCount = footprint.parameterCount
    if footprint.normalizesBatches, case .size(let size) = training.batchSize {
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
    if training.augmentation != .none, case .lbfgs = training.optimizer {
      faults.add(
        "/inputs/augmentation", data.json["inputs"]?["augmentation"], allowed: "none, or another optimizer",
        "does not go with lbfgs, whose line search needs the same loss each time")
    }
    if footprint.hasDropout, case .lbfgs = training.optimizer {
      faults.add(
        "/model/dropout", model.json["dropout"], allowed: "0, or another optimizer",
        "does not go with lbfgs, whose line search needs the same loss each time")
    }
    if parameterCount > footprint.networkParameters {
      faults.add(
        "/training/reparameterization/dimension", .integer(parameterCount),
        allowed: "an integer from 1 to \(footprint.networkParameters), the network's parameters",
        "is larger than what it is a subspace of")
    }
    let available = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    if footprint.memory.peak > available {
      faults.add(
        "/model", model.json, allowed: "a model that trains in \(available >> 20) MiB",
        "has \(footprint.networkParameters) parameters and would need about \(footprint.memory.peak >> 20) MiB"
      )
    }
  }

  /// The members with all their defaults.
  var json: JSONValue {
    guard case .object(var members) = data.json else { preconditionFailure("data are an object") }
    members["model"] = model.json
    members["training"] = training.json
    members["seed"] = .integer(Int(seed))
    return .object(members)
  }
}
