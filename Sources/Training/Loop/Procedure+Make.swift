import Compute
import Networks

extension Procedure {
  /// The optimizer with its regularizers for the objective's variables.
  func makeRule<S: Scalar>(objective: NetworkObjective<S>) -> DescentRule<S> {
    let count = objective.variableCount
    var matrices: [MatrixView]
    if case .subspace = reparameterization {
      // The coordinates of a random subspace have no tensors.
      matrices = [MatrixView(offset: 0, rows: count, columns: 1, isWeight: false)]
    } else {
      matrices = objective.network.tensors.map { tensor in
        let (rows, columns) = tensor.matrix
        return MatrixView(
          offset: tensor.offset, rows: rows, columns: columns, isWeight: tensor.role == .weight)
      }
    }
    return DescentRule(
      optimizer.makeOptimizer(count: count, matrices: matrices, as: S.self), regularization: regularization,
      count: count)
  }
}

extension Reparameterization {
  /// The map from variables to parameters around `start`; nil for the identity.
  func makeMap<S: Scalar>(network: Network<S>, start: Buffer<S>, key: ProbeKey) -> (any ParameterMap<S>)? {
    switch self {
    case .none:
      return nil
    case .subspace(let dimension):
      return FastfoodSubspace(dimension: dimension, origin: start, key: key)
    case .quantized(let bits):
      return QuantizedParameters(
        bits: bits, tensors: network.tensors.map { $0.offset..<$0.offset + $0.count }, start: start)
    }
  }
}
