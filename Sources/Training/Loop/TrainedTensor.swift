import Compute
import Networks

/// A tensor of a trained network under PyTorch's name, in PyTorch's shape and order.
package struct TrainedTensor<S: Scalar>: Sendable {
  /// `fc.0.weight`, …; of a batch norm also `….running_mean` and `….running_var`.
  package let name: String
  /// Its extents.
  package let shape: [Int]
  /// As many values.
  package let values: [S]
}

extension Trainer {
  /// The network as it stands and as it is used: its parameters (those that a subspace or a quantisation stands for), and
  /// the moments of the training set that batch norms use. Nil where `shouldStop` said so.
  package func tensors(shouldStop: () -> Bool) -> [TrainedTensor<S>]? {
    objective.interruption.asking(shouldStop) {
      let parameters = objective.parameters(descent.variables)
      var tensors = network.tensors.map {
        TrainedTensor(
          name: $0.name, shape: $0.shape,
          values: network.exportTensor(named: $0.name, from: UnsafePointer(parameters.pointer)))
      }
      if network.hasStatistics {
        for moments in objective.inspect(descent.variables, limit: 0).moments {
          tensors += [
            TrainedTensor(
              name: "\(moments.name).running_mean", shape: [moments.mean.count],
              values: moments.mean.map { S($0) }),
            TrainedTensor(
              name: "\(moments.name).running_var", shape: [moments.variance.count],
              values: moments.variance.map { S($0) }),
          ]
        }
      }
      return objective.interruption.hasStopped ? nil : tensors
    }
  }
}
