import Compute

/// A layer whose output went through a nonlinearity, and where the last pass left it.
///
/// A unit is one output of a linear layer, or one channel of an image at all its places.
package struct HiddenLayer: Sendable, Hashable {
  /// Its name in the layer table.
  package let name: String
  /// The nonlinearity.
  package let activation: ActivationKind
  /// The shape of a sample's output.
  package let shape: SampleShape
  let slot: MemorySlot

  package var units: Int { shape.channels }
}

/// A batch norm, and where a pass leaves the moments that it used.
package struct NormalizedLayer: Sendable, Hashable {
  /// Its name in the layer table.
  package let name: String
  package let channels: Int
  let slot: MemorySlot
}

extension Workspace {
  /// Each channel's mean and variance as a batch norm used them in the last pass.
  package func moments(
    of layer: NormalizedLayer
  ) -> (mean: UnsafeBufferPointer<S>, variance: UnsafeBufferPointer<S>) {
    let start = saved.pointer + layer.slot.offset
    return (
      UnsafeBufferPointer(start: start, count: layer.channels),
      UnsafeBufferPointer(start: start + layer.channels, count: layer.channels)
    )
  }

  /// What a hidden layer put out in the last pass: (samples × places, units).
  package func output(of layer: HiddenLayer) -> UnsafePointer<S> {
    UnsafePointer(saved.pointer + layer.slot.offset)
  }
}
