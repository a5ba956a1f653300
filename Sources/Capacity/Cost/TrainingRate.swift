import Compute
import Foundation
import Networks
import Synchronization
import Training

/// How fast this machine trains a network: its own steps, measured on random inputs for a fraction of a second, once for
/// each network and procedure in a process.
package struct TrainingRate: Sendable {
  /// Seconds that a step takes for each of its samples.
  package let secondsPerSample: Double

  /// The rate of an experiment on data of a form. Blocks for at most about two seconds: call it on a thread of its own.
  ///
  /// - Throws: `ArchitectureError` when the network can't be built.
  package init(of experiment: Experiment, form: DataForm) throws {
    let key = Self.key(experiment, form)
    if let known = Self.known.withLock({ $0[key] }) {
      secondsPerSample = known
      return
    }
    // One at a time: two would slow each other down.
    let measured = try Self.measuring.withLock { _ in
      if let known = Self.known.withLock({ $0[key] }) { return known }
      return switch experiment.training.precision {
      case .single: try Self.measure(experiment, form, in: Float.self)
      case .double: try Self.measure(experiment, form, in: Double.self)
      }
    }
    Self.known.withLock { known in
      if known.count >= Self.capacity { known.removeAll() }
      known[key] = measured
    }
    secondsPerSample = measured
  }

  private static let known = Mutex<[String: Double]>([:])
  private static let measuring = Mutex(())
  private static let capacity = 256
  /// Seconds of steps that are timed.
  private static let span = 0.4
  /// Samples of a full batch that are timed in place of all.
  private static let longestBatch = 256

  /// What a step's time depends on.
  private static func key(_ experiment: Experiment, _ form: DataForm) -> String {
    let training = experiment.training
    let parts: [JSONValue] = [
      experiment.model.json, .array(form.sizes.map(JSONValue.integer)),
      .integer(experiment.data.classCount(of: form.classes)),
      training.optimizer.json(learningRate: .fixed(1)),
      training.batchSize.json, training.regularization.json, training.reparameterization.json,
      .string(training.precision.rawValue), .string("\(training.augmentation)"),
    ]
    return JSONValue.array(parts).text()
  }

  private static func measure<S: Scalar>(
    _ experiment: Experiment, _ form: DataForm, in precision: S.Type
  ) throws -> Double {
    var batch = longestBatch
    if case .size(let size) = experiment.training.batchSize { batch = size }
    // A few samples first: they tell whether a whole batch can be timed.
    let few = min(8, batch)
    let rough = try seconds(experiment, form, samples: few, span: span / 4, in: precision) / Double(few)
    guard batch > few, rough * Double(batch) < 1 else { return rough }
    return try seconds(experiment, form, samples: batch, span: span, in: precision) / Double(batch)
  }

  /// Seconds of one step on `samples` samples.
  private static func seconds<S: Scalar>(
    _ experiment: Experiment, _ form: DataForm, samples: Int, span: Double, in precision: S.Type
  ) throws -> Double {
    let shape = form.shape
    let classes = experiment.data.classCount(of: form.classes)
    var stream = RandomStream(seed: 1, purpose: .simulation, samples: samples)
    let inputs = Buffer((0..<samples * shape.count).map { _ in Float(2 * stream.uniform() - 1) })
    let labels = (0..<samples).map { _ in Int32(stream.below(UInt64(classes))) }
    let data = TrainingSet<Float>(inputs: inputs, labels: labels, shape: shape, classes: classes)
    let trainer = try Trainer<S>(
      architecture: experiment.model.architecture, trainingSet: data.converted(to: S.self),
      procedure: experiment.training.endless, key: ProbeKey(seed: 1, samples: samples, replicate: 0))
    let begun = ContinuousClock.now
    // The first step pays for memory that is touched for the first time.
    var first: (steps: Int, at: ContinuousClock.Instant)?
    var last = (steps: 0, at: begun)
    _ = trainer.run(shouldStop: {
      let now = ContinuousClock.now
      if trainer.steps > last.steps {
        last = (trainer.steps, now)
        if first == nil { first = last }
      }
      let spent = (now - begun) / .seconds(1)
      return spent >= 1 || (spent >= span && trainer.steps >= 3)
    })
    guard let first else { return (ContinuousClock.now - begun) / .seconds(1) }
    return last.steps > first.steps
      ? (last.at - first.at) / .seconds(1) / Double(last.steps - first.steps)
      : (first.at - begun) / .seconds(1)
  }
}

extension Procedure {
  /// The same steps, at a rate at which nothing is fitted, without an end and without looks at whether the loss has
  /// settled.
  fileprivate var endless: Procedure {
    var procedure = self
    procedure.learningRate = .fixed(1e-7)
    procedure.schedule = .constant
    procedure.maxSteps = .max
    procedure.convergence.lossWindow = .max
    procedure.finish = .none
    procedure.shards = 1
    return procedure
  }
}
