import Datasets
import Foundation
import Networks
import Training

/// What is trained on what: everything that determines a probe but its size and its replicate.
public struct Experiment: Sendable, Hashable {
  /// The inputs and their labels.
  public var data: DataSpecification
  /// The network.
  public var model: ModelSpecification
  /// Optimizer, schedule, batch size, budget and the thresholds of convergence.
  public var training: Procedure
  /// Keys every random choice, together with the sample size and the replicate.
  public var seed: UInt64
  /// P, the number of trainable parameters.
  public private(set) var parameterCount = 0

  /// Reads the members of a document that describe the experiment; faults go to the reader's collector.
  init(reading reader: ObjectReader) {
    data = DataSpecification(reading: reader)
    model = ModelSpecification(reading: reader.object("model"), required: reader.has("model"))
    training = Procedure(reading: reader.object("training"))
    training.initialization = model.initialization
    seed = UInt64(reader.integer("seed", in: 0...(1 << 53 - 1), default: 1))
    if reader.faults.faults.isEmpty { checkThatItCanRun(reader.faults) }
  }

  /// Faults that only the whole shows: a network that can't be built on the data, or would not fit in memory.
  private mutating func checkThatItCanRun(_ faults: FaultCollector) {
    do {
      parameterCount = try countParameters()
    } catch .invalid(let field, let reason) {
      faults.add("/model/\(field)", model.json[field], allowed: "a model that fits the data", reason)
      return
    } catch {
      faults.add("/model", model.json, allowed: "a smaller model", error.description)
      return
    }
    let needed = memoryEstimate
    let available = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    if needed > available {
      faults.add(
        "/model", model.json, allowed: "a model that trains in \(available >> 20) MiB",
        "has \(parameterCount) parameters and would need about \(needed >> 20) MiB")
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
