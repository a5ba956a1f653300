import Compute

/// How a network is run.
package enum PassMode: Sendable, Hashable {
  /// As in training: batch statistics, and dropout where a stream is given.
  case training
  /// As in training but without dropout, adding each batch's statistics to those for evaluation.
  case statistics
  /// With the statistics that were gathered, without dropout.
  case evaluation
}

/// One pass over one batch: where everything lies. Only pointers and numbers, so that it is passed around freely.
package struct Pass<S: Scalar> {
  /// Samples in this batch.
  package let count: Int
  /// Training or evaluation.
  package let mode: PassMode
  /// What parameters' gradients and products are multiplied by before this batch's are added: 0 or 1.
  package let keep: S
  /// The flat parameters.
  package let parameters: UnsafePointer<S>
  /// Their gradient, in backward passes.
  package let gradient: UnsafeMutablePointer<S>?
  /// The direction v of a Hessian–vector product.
  package let direction: UnsafePointer<S>?
  /// The product H v.
  package let product: UnsafeMutablePointer<S>?
  /// Dropout's stream for this step; nil: nothing is dropped.
  package let dropout: RandomStream?
  /// The network's inputs by what sets them apart, where a product with them is quicker so; nil: as they lie.
  let sparse: SparseBatch<S>?
  /// What stands in the place of the activations' kinks; nil: the activations themselves.
  let kinks: KinkTreatment<S>?
  let saved: UnsafeMutablePointer<S>
  let scratch: UnsafeMutablePointer<S>
  let savedTangents: UnsafeMutablePointer<S>?
  let scratchTangents: UnsafeMutablePointer<S>?
  let statistics: UnsafeMutablePointer<S>
  /// Samples whose statistics have been gathered.
  package let statisticsCount: Int

  /// A parameter tensor's values.
  package func value(_ slot: ParameterSlot) -> UnsafePointer<S> { parameters + slot.offset }

  /// A parameter tensor's gradient; only in backward passes.
  package func gradient(_ slot: ParameterSlot) -> UnsafeMutablePointer<S> { gradient! + slot.offset }

  /// A parameter tensor's part of the direction; only in tangent passes.
  package func direction(_ slot: ParameterSlot) -> UnsafePointer<S> { direction! + slot.offset }

  /// A parameter tensor's part of the Hessian–vector product; only in `backwardTangent`.
  package func product(_ slot: ParameterSlot) -> UnsafeMutablePointer<S> { product! + slot.offset }

  /// A slot's memory.
  package func memory(_ slot: MemorySlot) -> UnsafeMutablePointer<S> {
    switch slot.area {
    case .saved: saved + slot.offset
    case .scratch: scratch + slot.offset
    }
  }

  /// The twin of a slot's memory for its tangent; only in tangent passes.
  package func tangent(_ slot: MemorySlot) -> UnsafeMutablePointer<S> {
    switch slot.area {
    case .saved: savedTangents! + slot.offset
    case .scratch: scratchTangents! + slot.offset
    }
  }

  /// Zeros, for the tangent of what doesn't move.
  func zeros(_ slot: MemorySlot?) -> UnsafePointer<S> {
    guard let slot else { preconditionFailure("only the network's input has no tangent") }
    let zeros = memory(slot)
    S.fill(slot.count, 0, zeros)
    return UnsafePointer(zeros)
  }

  /// A layer's statistics for evaluation: sums over samples in `statistics` mode, to be divided by
  /// `statisticsCount` in `evaluation` mode.
  package func statistics(_ slot: StatisticsSlot) -> UnsafeMutablePointer<S> { statistics + slot.offset }
}

/// Where a parameter tensor lies in the flat vector.
package struct ParameterSlot: Sendable, Hashable {
  let offset: Int
  /// Elements.
  package let count: Int
}

/// Where a layer's memory lies in the workspace.
package struct MemorySlot: Sendable, Hashable {
  enum Area: Sendable, Hashable { case saved, scratch }
  let area: Area
  let offset: Int
  /// Elements.
  package let count: Int
}

/// Where a layer's statistics for evaluation lie.
package struct StatisticsSlot: Sendable, Hashable {
  let offset: Int
  /// Elements.
  package let count: Int
}
