import Compute

/// `gradient_descent`: θ ← θ − η g with g over all samples, whatever the batch size says.
package struct GradientDescentDefinition: OptimizerDefinition {
  package static let name = "gradient_descent"
  package static let summary = "Gradient descent over all samples."
  package static let options: [OptionDeclaration] = []
  package static let needsFullBatch = true
  package static let usualLearningRate: UsualLearningRate? = .fixed(0.1)

  package init(_ values: OptionValues) {}

  package var values: OptionValues { [:] }

  package var stabilityLimit: Double? { 2 }

  package func makeOptimizer<S: Scalar>(
    count: Int, matrices: [MatrixView], as type: S.Type
  ) -> any Optimizer<S> {
    StochasticGradientDescent<S>(count: count, momentum: 0, nesterov: false)
  }

  package func stateCount<S: Scalar>(count: Int, matrices: [MatrixView], as type: S.Type) -> Int { 0 }
}

extension OptimizerKind {
  /// Gradient descent over all samples.
  package static let gradientDescent = OptimizerKind(GradientDescentDefinition([:]))
}
