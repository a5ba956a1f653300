import Compute
import Foundation
import Networks

/// One tiny network as PyTorch computes it in double precision: a file of the golden folder.
struct GoldenCase: Decodable, Sendable {
  struct Tensor: Decodable, Sendable {
    let shape: [Int]
    let values: [Double]
    /// The largest magnitude.
    var scale: Double { values.map(\.magnitude).max() ?? 0 }
  }

  struct Eigenvalues: Decodable, Sendable {
    let smallest: [Double]
    let largest: [Double]
  }

  let name: String
  let model: GoldenModel
  let inputShape: [Int]
  let classes: Int
  let labelSmoothing: Double
  let parameterCount: Int
  let inputs: Tensor
  let labels: [Int32]
  let parameters: [String: Tensor]
  let logits: Tensor
  let loss: Double
  let gradient: [String: Tensor]
  let vector: [String: Tensor]
  let hessianVectorProduct: [String: Tensor]
  let hessianEigenvalues: Eigenvalues

  /// The folder of the cases: `EMC_GOLDEN_DIRECTORY`, or the copy beside the tests.
  static var directory: URL {
    if let path = ProcessInfo.processInfo.environment["EMC_GOLDEN_DIRECTORY"], !path.isEmpty {
      return URL(fileURLWithPath: path, isDirectory: true)
    }
    return Bundle.module.bundleURL.appendingPathComponent("Fixtures/golden", isDirectory: true)
  }

  /// Every network in a folder, by name of file; the optimizers' trajectories are another suite's.
  static func all(in directory: URL = directory) throws -> [GoldenCase] {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .custom { path in
      // Only the case's own fields are converted: parameters are named as they are.
      let key = path[path.count - 1]
      return path.count == 1 || path.count == 2 && path[0].stringValue == "model"
        ? GoldenKey(stringValue: camelCase(key.stringValue)) : key
    }
    return try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "json" && !GoldenTrajectories.areIn($0) }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
      .map { try decoder.decode(GoldenCase.self, from: Data(contentsOf: $0)) }
  }

  /// The shape of a sample here.
  var input: SampleShape {
    inputShape.count == 3
      ? .image(height: inputShape[1], width: inputShape[2], channels: inputShape[0])
      : .features(inputShape.reduce(1, *))
  }

  /// The inputs with images' channels last.
  var inputsChannelsLast: [Double] {
    guard case .image(let height, let width, let channels) = input else { return inputs.values }
    let places = height * width
    var values = inputs.values
    for sample in labels.indices {
      for channel in 0..<channels {
        for place in 0..<places {
          let start = sample * input.count
          values[start + place * channels + channel] = inputs.values[start + channel * places + place]
        }
      }
    }
    return values
  }
}

struct GoldenKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

private func camelCase(_ name: String) -> String {
  let parts = name.split(separator: "_")
  return parts.dropFirst().reduce(parts.first.map(String.init) ?? "") { $0 + $1.capitalized }
}
