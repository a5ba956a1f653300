import Training

extension OptimizerKind {
  static let kinds = ["sgd", "gradient_descent", "adam", "adamw", "shampoo", "lbfgs", "muon"]

  /// Reads an optimizer; its learning rate is read apart (`LearningRate`).
  init(reading reader: ObjectReader) {
    let beta = NumberInterval.from(0, below: 1)
    let epsilon = NumberInterval.above(0, to: 1)
    switch reader.kind(of: Self.kinds, default: "sgd") {
    case "gradient_descent":
      self = .gradientDescent
    case let kind? where kind == "adam" || kind == "adamw":
      let beta1 = reader.number("beta1", beta, default: 0.9)
      let beta2 = reader.number("beta2", beta, default: 0.999)
      let epsilon = reader.number("epsilon", epsilon, default: 1e-8)
      self =
        kind == "adam"
        ? .adam(beta1: beta1, beta2: beta2, epsilon: epsilon)
        : .adamW(beta1: beta1, beta2: beta2, epsilon: epsilon)
    case "shampoo":
      self = .shampoo(
        epsilon: reader.number("epsilon", epsilon, default: 1e-4),
        refresh: reader.integer("refresh", in: 1...1_000_000, default: 20),
        largestFactor: reader.integer("largest_factor", in: 1...8192, default: 512))
    case "lbfgs":
      self = .lbfgs(history: reader.integer("history", in: 1...1000, default: 10))
    case "muon":
      self = .muon(
        momentum: reader.number("momentum", beta, default: 0.95),
        iterations: reader.integer("iterations", in: 1...20, default: 5))
    default:
      self = .sgd(
        momentum: reader.number("momentum", beta, default: 0.9),
        nesterov: reader.boolean("nesterov", default: false))
    }
    if case .sgd(momentum: 0, nesterov: true) = self {
      reader.fault("nesterov", allowed: "false, or a momentum above 0", "needs a momentum")
    }
  }

  func json(learningRate: LearningRate) -> JSONValue {
    var members: [String: JSONValue]
    switch self {
    case .sgd(let momentum, let nesterov):
      members = ["kind": .string("sgd"), "momentum": .number(momentum), "nesterov": .bool(nesterov)]
    case .gradientDescent:
      members = ["kind": .string("gradient_descent")]
    case .adam(let beta1, let beta2, let epsilon):
      members = [
        "kind": .string("adam"), "beta1": .number(beta1), "beta2": .number(beta2),
        "epsilon": .number(epsilon),
      ]
    case .adamW(let beta1, let beta2, let epsilon):
      members = [
        "kind": .string("adamw"), "beta1": .number(beta1), "beta2": .number(beta2),
        "epsilon": .number(epsilon),
      ]
    case .shampoo(let epsilon, let refresh, let largestFactor):
      members = [
        "kind": .string("shampoo"), "epsilon": .number(epsilon), "refresh": .integer(refresh),
        "largest_factor": .integer(largestFactor),
      ]
    case .lbfgs(let history):
      members = ["kind": .string("lbfgs"), "history": .integer(history)]
    case .muon(let momentum, let iterations):
      members = ["kind": .string("muon"), "momentum": .number(momentum), "iterations": .integer(iterations)]
    }
    if usesLearningRate { members["learning_rate"] = learningRate.json }
    return .object(members)
  }

  /// The rate that a specification without one gets: what the optimizer's authors or PyTorch start from.
  var defaultLearningRate: Double {
    switch self {
    case .sgd: 0.05
    case .gradientDescent: 0.1
    case .adam, .adamW: 0.001
    case .shampoo: 0.1
    case .muon: 0.02
    case .lbfgs: 1
    }
  }
}

extension LearningRate {
  init(reading reader: ObjectReader, for optimizer: OptimizerKind) {
    let fallback = LearningRate.fixed(optimizer.defaultLearningRate)
    guard optimizer.usesLearningRate else {
      self = fallback
      return
    }
    let interval = NumberInterval.above(0, to: 1000)
    switch reader.value("learning_rate") {
    case nil: self = fallback
    case .string("auto")?: self = .automatic
    case let value?:
      if let rate = value.doubleValue, interval.contains(rate) {
        self = .fixed(rate)
      } else {
        reader.fault("learning_rate", allowed: "\(interval), or \"auto\"", "is neither")
        self = fallback
      }
    }
  }

  var json: JSONValue {
    switch self {
    case .fixed(let rate): .number(rate)
    case .automatic: .string("auto")
    }
  }
}
