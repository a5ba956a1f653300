import Compute

/// How parameters start.
package struct Initialization: Sendable, Hashable, Codable {
  /// The distribution of weights; fan is the inputs (and outputs) of one output (input).
  package enum Scheme: String, Sendable, Hashable, Codable, CaseIterable {
    /// Weights and biases uniform within ±1/√fanIn: PyTorch's default.
    case pytorch
    /// Normal with deviation √(2/fanIn), biases 0 (He et al. 2015).
    case kaimingNormal = "kaiming_normal"
    /// Uniform within ±√(6/fanIn), biases 0.
    case kaimingUniform = "kaiming_uniform"
    /// Normal with deviation √(2/(fanIn + fanOut)), biases 0 (Glorot and Bengio 2010).
    case xavierNormal = "xavier_normal"
    /// Uniform within ±√(6/(fanIn + fanOut)), biases 0.
    case xavierUniform = "xavier_uniform"
  }

  /// The distribution of weights.
  package var scheme: Scheme
  /// Whether the layer that makes the logits starts at 0 instead.
  package var zeroOutput: Bool

  /// PyTorch's default, unless said.
  package init(scheme: Scheme = .pytorch, zeroOutput: Bool = false) {
    self.scheme = scheme
    self.zeroOutput = zeroOutput
  }

  /// A tensor's first values in PyTorch's order, each from the stream in that order.
  func values<S: Scalar>(of tensor: ParameterTensor, stream: inout RandomStream) -> [S] {
    switch tensor.role {
    case .normalizationScale: return [S](repeating: 1, count: tensor.count)
    case .normalizationShift: return [S](repeating: 0, count: tensor.count)
    case .embedding: return normal(tensor.count, 0.02, &stream)
    case .weight, .bias: break
    }
    if zeroOutput && tensor.isOutput { return [S](repeating: 0, count: tensor.count) }
    if tensor.role == .bias && scheme != .pytorch { return [S](repeating: 0, count: tensor.count) }
    let inputs = Double(tensor.fanIn)
    let both = Double(tensor.fanIn + tensor.fanOut)
    switch scheme {
    case .pytorch: return uniform(tensor.count, (1 / inputs).squareRoot(), &stream)
    case .kaimingNormal: return normal(tensor.count, (2 / inputs).squareRoot(), &stream)
    case .kaimingUniform: return uniform(tensor.count, (6 / inputs).squareRoot(), &stream)
    case .xavierNormal: return normal(tensor.count, (2 / both).squareRoot(), &stream)
    case .xavierUniform: return uniform(tensor.count, (6 / both).squareRoot(), &stream)
    }
  }

  private func uniform<S: Scalar>(_ count: Int, _ bound: Double, _ stream: inout RandomStream) -> [S] {
    (0..<count).map { _ in S((2 * stream.uniform() - 1) * bound) }
  }

  private func normal<S: Scalar>(_ count: Int, _ deviation: Double, _ stream: inout RandomStream) -> [S] {
    (0..<count).map { _ in S(stream.normal() * deviation) }
  }
}
