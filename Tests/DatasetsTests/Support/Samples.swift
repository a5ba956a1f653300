import Datasets

/// Every sample of a split in the order of the file, unstandardised.
struct Samples {
  var values: [[Float]]
  var labels: [Int32]

  init(_ dataset: any Dataset, _ split: Split = .train) throws {
    let count = dataset.count(of: split)!
    var request = SubsetRequest(
      samples: count, key: SubsetKey(seed: 0, samples: count, replicate: 0), standardization: .none)
    request.split = split
    let subset = try dataset.subset(request)
    let inputs = subset.inputs.array
    let width = subset.shape.count
    values = [[Float]](repeating: [], count: count)
    labels = [Int32](repeating: 0, count: count)
    for (row, index) in subset.indices.enumerated() {
      values[index] = Array(inputs[row * width..<(row + 1) * width])
      labels[index] = subset.labels[row]
    }
  }

  /// The bytes of images.
  var pixels: [[UInt8]] { values.map { $0.map { UInt8(($0 * 255).rounded()) } } }
}

/// Mean and population deviation.
func populationMoments(_ values: [Double]) -> (mean: Double, deviation: Double) {
  let count = Double(values.count)
  let mean: Double = values.reduce(0, +) / count
  let squares = values.map { ($0 - mean) * ($0 - mean) }
  let variance: Double = squares.reduce(0, +) / count
  return (mean, variance.squareRoot())
}
