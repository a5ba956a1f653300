import Compute

/// The nonlinearity between layers.
package enum Activation: String, Sendable, Hashable, Codable, CaseIterable {
  /// max(z, 0).
  case relu
  /// z for z > 0, 0.01 z otherwise.
  case leakyReLU = "leaky_relu"
  /// z for z > 0, exp z − 1 otherwise.
  case elu
  /// z / (1 + exp(−z)).
  case silu
  /// z Φ(z), with the exact normal distribution.
  case gelu
  /// tanh z.
  case tanh
  /// 1 / (1 + exp(−z)).
  case sigmoid
  /// z.
  case identity

  /// Its kernels.
  package var kind: ActivationKind {
    switch self {
    case .relu: .relu
    case .leakyReLU: .leakyReLU
    case .elu: .elu
    case .silu: .silu
    case .gelu: .gelu
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .identity: .identity
    }
  }
}

extension ActivationKind {
  /// Whether σ'' isn't zero almost everywhere, so that second derivatives need the tangent of z.
  var isCurved: Bool {
    switch self {
    case .identity, .relu, .leakyReLU: false
    case .elu, .silu, .gelu, .tanh, .sigmoid: true
    }
  }
}
