import Compute
import Networks
import Training

/// Small training sets that tests know something about.
enum Problems {
  /// `samples` standard normal points with random labels, keyed as a data set would be.
  static func gaussian(
    samples: Int, dimensions: Int, classes: Int = 2, seed: UInt64 = 1, replicate: Int = 0
  ) -> TrainingSet<Double> {
    let inputs = Buffer<Double>(count: samples * dimensions)
    var labels: [Int32] = []
    for sample in 0..<samples {
      var stream = RandomStream(
        seed: seed, purpose: .inputs, samples: samples, replicate: replicate, index: sample)
      for i in 0..<dimensions { inputs[sample * dimensions + i] = stream.normal() }
      labels.append(Int32(stream.below(UInt64(classes))))
    }
    return TrainingSet(inputs: inputs, labels: labels, shape: .features(dimensions), classes: classes)
  }

  /// As above with the labels of a random hyperplane, so that a linear classifier fits them.
  static func separable(samples: Int, dimensions: Int, seed: UInt64 = 1) -> TrainingSet<Double> {
    let points = gaussian(samples: samples, dimensions: dimensions, seed: seed)
    let labels = (0..<samples).map { sample in
      (0..<dimensions).reduce(0.0) { $0 + points.inputs[sample * dimensions + $1] } > 0 ? Int32(1) : 0
    }
    return TrainingSet(inputs: points.inputs, labels: labels, shape: .features(dimensions), classes: 2)
  }

  /// Points that are the same but for a fifth of their elements, with random labels.
  static func strokes(samples: Int, dimensions: Int, classes: Int = 10) -> TrainingSet<Double> {
    let points = gaussian(samples: samples, dimensions: dimensions, classes: classes)
    for index in 0..<points.inputs.count where points.inputs[index] < 0.8416 {
      points.inputs[index] = index % dimensions < dimensions / 2 ? -0.42 : 0
    }
    return points
  }

  static func key(_ samples: Int, replicate: Int = 0) -> ProbeKey {
    ProbeKey(seed: 1, samples: samples, replicate: replicate)
  }
}

extension Procedure {
  /// The default procedure with some fields changed.
  static func with(_ change: (inout Procedure) -> Void) -> Procedure {
    var procedure = Procedure()
    change(&procedure)
    return procedure
  }
}

/// Trains and expects an end.
func outcome<S: Scalar>(
  _ architecture: Architecture, _ data: TrainingSet<S>, _ procedure: Procedure, replicate: Int = 0,
  threads: Int = 1
) throws -> TrainingReport {
  let report = try train(
    architecture: architecture, trainingSet: data, procedure: procedure,
    key: Problems.key(data.count, replicate: replicate), threads: threads, shouldStop: { false })
  guard let report else { throw Unfinished() }
  return report
}

struct Unfinished: Error {}
