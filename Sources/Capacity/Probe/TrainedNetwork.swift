import Compute
import Datasets
import Foundation
import Networks
import Training

/// A probe's network with what it was trained on: enough for anyone to confirm elsewhere that it fits.
package struct TrainedNetwork: Sendable {
  package let probe: ProbeSpecification
  private let tensors: [(name: String, array: NumPyArray)]
  private let subset: Subset
  /// Whether the samples are made, not drawn.
  private let isGenerated: Bool

  init<S: Scalar>(
    probe: ProbeSpecification, tensors: [TrainedTensor<S>], subset: Subset, isGenerated: Bool
  ) {
    self.isGenerated = isGenerated
    self.probe = probe
    self.subset = subset
    self.tensors = tensors.map { tensor in
      let elements: NumPyArray.Elements =
        if let values = tensor.values as? [Float] { .float32(values) } else {
          .float64(tensor.values.map { Double($0) })
        }
      return (tensor.name, NumPyArray(shape: tensor.shape, elements))
    }
  }

  /// An NPZ archive of
  /// - every tensor under its name, in PyTorch's shape: what `load_state_dict` takes;
  /// - `indices`: of each sample its index in the training split; `labels`: what it was trained to say, from 0;
  /// - `inputs_mean`, `inputs_deviation`: inputs were (x − mean) / deviation, by channel of images (x being pixels / 255) or
  ///   by column; left out where they were not standardised;
  /// - `inputs`: the standardised inputs, images as (samples, channels, height, width), where the indices alone don't tell
  ///   them and memory holds them: of generated data, and where the specification changes inputs;
  /// - `probe.json`: the probe's document.
  ///
  /// - Throws: `NPZError`
  package func npz() throws(NPZError) -> Data {
    var writer = NPZWriter()
    for (name, array) in tensors { try writer.add(name, array) }
    try writer.add("indices", NumPyArray(shape: [subset.count], .int64(subset.indices.map { Int64($0) })))
    try writer.add("labels", NumPyArray(shape: [subset.count], .int64(subset.labels.map { Int64($0) })))
    if let moments = subset.moments {
      let count = moments.mean.count
      try writer.add("inputs_mean", NumPyArray(shape: [count], .float64(moments.mean)))
      // A constant channel is left as it is but for its mean.
      try writer.add(
        "inputs_deviation", NumPyArray(shape: [count], .float64(moments.deviation.map { $0 > 0 ? $0 : 1 })))
    }
    if !leavesInputsOut { try writer.add("inputs", inputs) }
    try writer.add(file: "probe.json", text: probe.json.text(pretty: true))
    return try writer.finish()
  }

  private var leavesInputsOut: Bool {
    subset.stream != nil || probe.experiment.data.inputs == .original && !isGenerated
  }

  /// In PyTorch's order.
  private var inputs: NumPyArray {
    switch subset.shape {
    case .features(let count):
      return NumPyArray(shape: [subset.count, count], .float32(subset.inputs.array))
    case .image(let height, let width, let channels):
      let places = height * width
      var values: [Float] = []
      values.reserveCapacity(subset.count * places * channels)
      for sample in 0..<subset.count {
        for channel in 0..<channels {
          for place in 0..<places {
            values.append(subset.inputs[(sample * places + place) * channels + channel])
          }
        }
      }
      return NumPyArray(shape: [subset.count, channels, height, width], .float32(values))
    }
  }
}
