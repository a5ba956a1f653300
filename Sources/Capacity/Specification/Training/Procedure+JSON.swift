import Training

extension Procedure {
  /// Reads `training`; what it leaves out takes the default procedure's value.
  init(reading reader: ObjectReader) {
    self = .standard
    let optimizer = reader.object("optimizer")
    self.optimizer = OptimizerKind(reading: optimizer)
    learningRate = LearningRate(reading: optimizer, for: self.optimizer)
    optimizer.finish()
    batchSize = BatchSize(reading: reader, for: self.optimizer)
    lastBatch = reader.choice("last_batch", default: lastBatch) ?? lastBatch
    maxSteps = reader.integer("max_steps", in: 1...1_000_000_000, default: maxSteps)
    schedule = Schedule(
      reading: reader.object("schedule"), usualWarmup: self.optimizer.needsFullBatch ? 0 : maxSteps / 20)
    regularization = Regularization(reading: reader.object("regularization"), for: self.optimizer)
    convergence = ConvergenceCriteria(reading: reader.object("convergence"))
    onSaddle = reader.choice("on_saddle", default: onSaddle) ?? onSaddle
    finish = Finish(reading: reader.object("finish"))
    reparameterization = Reparameterization(reading: reader.object("reparameterization"))
    precision = reader.choice("precision", default: precision) ?? precision
    shards = reader.integer("shards", in: 1...64, default: shards)
    if case .size(let size) = batchSize, shards > size {
      reader.fault(
        "shards", allowed: "an integer from 1 to the batch size, \(size)", "leaves parts of a batch empty")
    }
    if finish != .none, case .quantized = reparameterization {
      reader.fault(
        "finish", allowed: "the kind none",
        "does not go with quantized parameters, on which the loss has no gradient to descend")
    }
    if !self.optimizer.usesLearningRate { refuseWhatLineSearchesCant(reader) }
    reader.finish()
  }

  /// A line search compares losses along a direction whose slope is their gradient, and sets the step length.
  private func refuseWhatLineSearchesCant(_ reader: ObjectReader) {
    if schedule != .constant {
      reader.fault(
        "schedule", allowed: "the kind constant without warm-up",
        "has no effect on \(optimizer.name), whose line search sets the step length")
    }
    let inner = reader.object("regularization")
    for (name, value) in [
      ("decoupled_weight_decay", regularization.decoupledWeightDecay),
      ("sharpness_radius", regularization.sharpnessRadius), ("gradient_clip", regularization.gradientClip),
    ] where value != 0 {
      inner.fault(
        name, allowed: "0",
        "does not go with \(optimizer.name), whose line search needs the gradient of the loss itself")
    }
  }

  /// The procedure with all its defaults.
  var json: JSONValue {
    .object([
      "optimizer": optimizer.json(learningRate: learningRate),
      "batch_size": batchSize.json,
      "last_batch": .string(lastBatch.rawValue),
      "schedule": schedule.json,
      "max_steps": .integer(maxSteps),
      "regularization": regularization.json,
      "convergence": convergence.json,
      "on_saddle": .string(onSaddle.rawValue),
      "finish": finish.json,
      "reparameterization": reparameterization.json,
      "precision": .string(precision.rawValue),
      "shards": .integer(shards),
    ])
  }
}

extension BatchSize {
  init(reading reader: ObjectReader, for optimizer: OptimizerKind) {
    let usual = optimizer.needsFullBatch ? BatchSize.full : Procedure.standard.batchSize
    let sizes = ValueDomain.either([.integer(1...1_000_000), .word("full")])
    let value = reader.value(
      "batch_size", of: optimizer.needsFullBatch ? .word("full") : sizes, default: usual.json,
      optimizer.needsFullBatch ? "does not go with an optimizer that steps on all samples" : "is neither")
    self = value.map { $0.integerValue.map(BatchSize.size) ?? .full } ?? usual
  }

  var json: JSONValue {
    switch self {
    case .size(let size): .integer(size)
    case .full: .string("full")
    }
  }
}

extension Regularization {
  init(reading reader: ObjectReader, for optimizer: OptimizerKind) {
    let decoupled = type(of: optimizer.definition).defaultDecoupledWeightDecay
    self.init(
      coupledWeightDecay: reader.number("weight_decay", .closed(0, 1e6), default: 0),
      decoupledWeightDecay: reader.number("decoupled_weight_decay", .closed(0, 1e6), default: decoupled),
      labelSmoothing: reader.number("label_smoothing", .from(0, below: 1), default: 0),
      sharpnessRadius: reader.number("sharpness_radius", .closed(0, 1e6), default: 0),
      gradientClip: reader.number("gradient_clip", .closed(0, 1e6), default: 0))
    reader.finish()
  }

  var json: JSONValue {
    .object([
      "weight_decay": .number(coupledWeightDecay), "decoupled_weight_decay": .number(decoupledWeightDecay),
      "label_smoothing": .number(labelSmoothing), "sharpness_radius": .number(sharpnessRadius),
      "gradient_clip": .number(gradientClip),
    ])
  }
}

extension ConvergenceCriteria {
  init(reading reader: ObjectReader) {
    let defaults = ConvergenceCriteria()
    self.init(
      gradientNorm: reader.number("gradient_norm", .open(0, 1), default: defaults.gradientNorm),
      lossWindow: reader.integer("loss_window", in: 1...1_000_000, default: defaults.lossWindow),
      lossChange: reader.number("loss_change", .open(0, 1), default: defaults.lossChange),
      negativeCurvature: reader.number(
        "negative_curvature", .from(0, below: 1), default: defaults.negativeCurvature))
    reader.finish()
  }

  var json: JSONValue {
    .object([
      "gradient_norm": .number(gradientNorm), "loss_window": .integer(lossWindow),
      "loss_change": .number(lossChange), "negative_curvature": .number(negativeCurvature),
    ])
  }
}

extension Finish {
  init(reading reader: ObjectReader) {
    switch reader.kind(of: ["none", "second_order"], default: "none") {
    case "second_order":
      self = .secondOrder(
        evaluations: reader.integer("evaluations", in: 1...1_000_000, default: Finish.defaultEvaluations))
    default: self = .none
    }
    reader.finish()
  }

  var json: JSONValue {
    switch self {
    case .none: .object(["kind": .string("none")])
    case .secondOrder(let evaluations):
      .object(["kind": .string("second_order"), "evaluations": .integer(evaluations)])
    }
  }
}

extension Reparameterization {
  init(reading reader: ObjectReader) {
    switch reader.kind(of: ["none", "subspace", "quantized"], default: "none") {
    case "subspace": self = .subspace(dimension: reader.integer("dimension", in: 1...1_000_000_000))
    case "quantized": self = .quantized(bits: reader.integer("bits", in: 1...16))
    default: self = .none
    }
    reader.finish()
  }

  var json: JSONValue {
    switch self {
    case .none: .object(["kind": .string("none")])
    case .subspace(let dimension): .object(["kind": .string("subspace"), "dimension": .integer(dimension)])
    case .quantized(let bits): .object(["kind": .string("quantized"), "bits": .integer(bits)])
    }
  }
}
