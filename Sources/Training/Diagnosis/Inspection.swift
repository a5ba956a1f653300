import Compute
import Networks

/// What a pass over all samples as a trained network is used finds of units, of samples that aren't fit, and of the moments
/// that norms use.
final class Inspection {
  private(set) var activity = UnitActivity()
  /// Samples that aren't fit.
  private(set) var unfitCount = 0
  /// The first of them, up to a limit, in the order of their positions.
  private(set) var unfit: [UnfitSample] = []
  /// What each batch norm used.
  private(set) var moments: [(name: String, mean: [Double], variance: [Double])] = []
  private let limit: Int

  /// - Parameter limit: how many unfit samples are kept with their margins.
  init(limit: Int) { self.limit = limit }

  /// Adds a chunk of samples whose pass was the workspace's last, of which `correct` were fit.
  func add<S: Scalar>(
    _ workspace: Workspace<S>, _ samples: Range<Int>, labels: UnsafePointer<Int32>, correct: Int
  ) {
    activity.add(workspace, count: samples.count)
    if moments.isEmpty {
      moments = workspace.normalizedLayers.map { layer in
        let (mean, variance) = workspace.moments(of: layer)
        return (layer.name, mean.map { Double($0) }, variance.map { Double($0) })
      }
    }
    unfitCount += samples.count - correct
    guard correct < samples.count, unfit.count < limit else { return }
    let classes = workspace.network.classes
    for (row, sample) in samples.enumerated() {
      let own = row * classes + Int(labels[row])
      let value = workspace.logits[own]
      var other = -S.infinity
      for i in row * classes..<(row + 1) * classes where i != own { other = max(other, workspace.logits[i]) }
      // A logit that isn't a number fits nothing.
      guard !(value > other), unfit.count < limit else { continue }
      let margin = Double(value - other)
      unfit.append(UnfitSample(sample: sample, margin: margin.isNaN ? -.infinity : margin))
    }
  }
}
