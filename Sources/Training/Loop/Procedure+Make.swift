import Compute
import Networks

extension Procedure {
  /// The optimizer with its regularizers for the objective's variables.
  func makeRule<S: Scalar>(objective: NetworkObjective<S>) -> DescentRule<S> {
    let count = objective.variableCount
    let matrices = matrices(network: objective.network, variables: count)
    return DescentRule(
      optimizer.makeOptimizer(count: count, matrices: matrices, as: S.self), regularization: regularization,
      count: count)
  }

  /// The tensors of the variables, as rules that look at whole tensors see them.
  func matrices<S: Scalar>(network: Network<S>, variables: Int) -> [MatrixView] {
    if case .subspace = reparameterization {
      // The coordinates of a random subspace have no tensors.
      return [MatrixView(offset: 0, rows: variables, columns: 1, isWeight: false)]
    }
    return network.tensors.map { tensor in
      let (rows, columns) = tensor.matrix
      return MatrixView(
        offset: tensor.offset, rows: rows, columns: columns, isWeight: tensor.role == .weight)
    }
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
