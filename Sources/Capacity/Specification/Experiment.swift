import Datasets
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

  /// Reads the members of a document that describe the experiment beside its data set; faults go to the reader's
  /// collector.
  ///
  /// - Parameter facts: what ranges are held against; nil where they have been.
  init(reading reader: ObjectReader, dataset: SpecifiedDataset, facts: DatasetFacts?) {
    data = DataSpecification(reading: reader, dataset: dataset, facts: facts)
    model = ModelSpecification(
      reading: reader.object("model"), required: reader.has("model"),
      input: facts.map { $0.shape })
    training = Procedure(reading: reader.object("training"))
    training.initialization = model.initialization
    training.augmentation = data.augmentation
    seed = UInt64(reader.integer("seed", in: 0...(1 << 53 - 1), default: 1))
  }

  /// Reads the members of a document that emc has written, whose every default is filled in but those that follow from the
  /// form of the data, where that is known.
  init(recorded reader: ObjectReader, on form: DataForm? = nil) {
    let dataset = SpecifiedDataset(recorded: reader.object("dataset"))
    self.init(reading: reader, dataset: dataset, facts: nil)
    if let form { findUsualRate(on: form) }
    if training.learningRate == .usual {
      reader.object("training").object("optimizer").fault(
        "learning_rate", allowed: "a number", "is left open")
    }
    if model.targetParameters != nil {
      reader.object("model").faultInObject(
        allowed: "a model whose sizes are all named", "leaves its width open")
    }
  }

  /// Finds the learning rate, where none is given, on data of a form; leaves it open where no network can be built on them.
  mutating func findUsualRate(on form: DataForm) {
    guard training.learningRate == .usual, let usual = training.optimizer.usualLearningRate,
      let network = try? Network<Float>(
        model.architecture, input: form.shape, classes: data.classCount(of: form.classes))
    else { return }
    training.learningRate = .fixed(usual.rate(fanIn: network.largestFanIn))
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
