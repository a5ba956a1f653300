import Compute

/// `adamw`: Adam whose weight decay is decoupled (Loshchilov and Hutter 2019). The decay is the procedure's
/// `decoupledWeightDecay`, 0.01 where none is given.
package struct AdamWDefinition: OptimizerDefinition {
  package static let name = "adamw"
  package static let summary = "Adam with decoupled weight decay (Loshchilov and Hutter 2019)."
  package static let options = AdamDefinition.options
  package static let usualLearningRate = AdamDefinition.usualLearningRate
  package static let defaultDecoupledWeightDecay = 0.01

  private let adam: AdamDefinition

  package init(_ values: OptionValues) { adam = AdamDefinition(values) }

  package var values: OptionValues { adam.values }

  package func makeOptimizer<S: Scalar>(
    count: Int, matrices: [MatrixView], as type: S.Type
  ) -> any Optimizer<S> {
    adam.makeOptimizer(count: count, matrices: matrices, as: type)
  }

  package func stateCount<S: Scalar>(count: Int, matrices: [MatrixView], as type: S.Type) -> Int {
    adam.stateCount(count: count, matrices: matrices, as: type)
  }
}

extension OptimizerKind {
  /// Adam with decoupled weight decay.
  package static func adamW(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
  ) -> OptimizerKind {
    OptimizerKind(
      AdamWDefinition(["beta1": .number(beta1), "beta2": .number(beta2), "epsilon": .number(epsilon)]))
  }
}
