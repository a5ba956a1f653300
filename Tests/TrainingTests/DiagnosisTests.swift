import Compute
import Foundation
import Networks
import Testing
import Training

@Suite("Diagnosis of failed probes")
struct DiagnosisTests {
  private let perceptron = Architecture.mlp(MultilayerPerceptron(hidden: [8]))

  private func finding<T>(_ report: TrainingReport, _ extract: (Finding) -> T?) -> T? {
    report.findings.lazy.compactMap(extract).first
  }

  /// The report of a run that starts from parameters which `change` has changed.
  private func run(
    _ architecture: Architecture, _ data: TrainingSet<Double>, _ procedure: Procedure,
    _ change: (Trainer<Double>) -> Void
  ) throws -> TrainingReport {
    let trainer = try Trainer(
      architecture: architecture, trainingSet: data, procedure: procedure, key: Problems.key(data.count))
    change(trainer)
    return try #require(trainer.run(shouldStop: { false }))
  }

  @Test("a probe that fits has none")
  func fit() throws {
    let report = try outcome(perceptron, Problems.gaussian(samples: 20, dimensions: 20), Procedure())
    #expect(report.outcome == .fit)
    #expect(report.findings.isEmpty)
  }

  @Test("identical inputs with different labels are found, and how many must stay unfit")
  func duplicates() throws {
    let data = Problems.gaussian(samples: 40, dimensions: 6, classes: 3)
    var labels = data.labels
    func copy(_ sample: Int, to other: Int, label: Int32) {
      for i in 0..<6 { data.inputs[other * 6 + i] = data.inputs[sample * 6 + i] }
      labels[other] = label
    }
    labels[4] = 0
    copy(4, to: 17, label: 1)
    copy(4, to: 30, label: 0)
    labels[9] = 2
    copy(9, to: 10, label: 2)  // no conflict
    labels[21] = 1
    // A zero and a negative zero are one number to a network.
    data.inputs[21 * 6] = 0
    copy(21, to: 3, label: 2)
    data.inputs[3 * 6] = -0.0
    let set = TrainingSet(inputs: data.inputs, labels: labels, shape: .features(6), classes: 3)
    let report = try outcome(perceptron, set, .with { $0.maxSteps = 50 })
    #expect(
      report.findings.first == .conflictingDuplicates(groups: 2, unfittable: 2, samples: [3, 21, 4, 17, 30]))
    let clean = try outcome(
      perceptron, Problems.gaussian(samples: 400, dimensions: 6), .with { $0.maxSteps = 50 })
    #expect(finding(clean) { if case .conflictingDuplicates = $0 { $0 } else { nil } } == nil)
  }

  /// 26 of 35 are within three deviations of the 18 of the commonest label, and half of the way to a fit.
  @Test("among few samples what was learned is not called chance")
  func fewSamples() throws {
    var learned = 0
    for dimensions in [3, 6, 10, 14] {
      let data = Problems.gaussian(samples: 35, dimensions: dimensions, classes: 2)
      let report = try outcome(
        .linear, data,
        .with { ($0.optimizer, $0.learningRate, $0.maxSteps) = (.gradientDescent, .fixed(0.5), 300) })
      guard report.outcome != .fit else { continue }
      let counts = Dictionary(data.labels.map { ($0, 1) }, uniquingKeysWith: +)
      let chance = Double(counts.values.max() ?? 0) / 35
      let isAtChance = finding(report) { if case .atChance = $0 { true } else { nil } } ?? false
      #expect(report.trainingAccuracy >= chance)
      // A fifth of the way and more, and yet within three deviations.
      let gain = report.trainingAccuracy - chance
      guard gain >= (1 - chance) / 5, gain <= 3 * (chance * (1 - chance) / 35).squareRoot() else { continue }
      learned += 1
      #expect(!isAtChance)
    }
    #expect(learned > 0)
  }

  /// Of three samples guessing gets all right now and then.
  @Test("of very few samples none are called at chance")
  func veryFewSamples() throws {
    let data = Problems.gaussian(samples: 3, dimensions: 2, classes: 2)
    let idle = try outcome(
      .linear, data, .with { ($0.learningRate, $0.maxSteps) = (.fixed(1e-12), 5) })
    try #require(idle.outcome == .budget)
    #expect(finding(idle) { if case .atChance = $0 { true } else { nil } } == nil)
  }

  @Test("a network that never learned is at chance, one that learned is not")
  func chance() throws {
    let data = Problems.gaussian(samples: 600, dimensions: 10, classes: 5)
    let commonest = Double(Dictionary(grouping: data.labels) { $0 }.values.map(\.count).max() ?? 0) / 600
    let idle = try outcome(
      perceptron, data,
      .with {
        $0.learningRate = .fixed(1e-12)
        $0.maxSteps = 20
      })
    let found = finding(idle) {
      if case .atChance(let accuracy, let chance) = $0 { (accuracy, chance) } else { nil }
    }
    #expect(found?.0 == idle.trainingAccuracy)
    #expect(abs(try #require(found).1 - commonest) < 1e-12)
    let trained = try outcome(perceptron, data, .with { $0.maxSteps = 2000 })
    #expect(trained.outcome == .budget && trained.trainingAccuracy > commonest + 0.1)
    #expect(finding(trained) { if case .atChance = $0 { $0 } else { nil } } == nil)
  }

  @Test("dead units are those that are zero on all samples, by layer")
  func dead() throws {
    let data = Problems.gaussian(samples: 300, dimensions: 10)
    let architecture = Architecture.mlp(MultilayerPerceptron(hidden: [8, 6]))
    let procedure = Procedure.with {
      $0.learningRate = .fixed(1e-6)
      $0.maxSteps = 10
    }
    let report = try run(architecture, data, procedure) { trainer in
      let variables = trainer.variables.copy()
      for (name, units) in [("fc.0.bias", 0..<3), ("fc.1.bias", 2..<3)] {
        let tensor = trainer.network.tensor(named: name)!
        for unit in units { variables[tensor.offset + unit] = -1e4 }
      }
      trainer.start(from: variables)
    }
    let layers = finding(report) { if case .deadUnits(let layers) = $0 { layers } else { nil } }
    #expect(layers?.map(\.layer) == ["fc.0", "fc.1"])
    #expect(layers?.map(\.count) == [3, 1])
    #expect(layers?.map(\.units) == [8, 6])
    let alive = try run(architecture, data, procedure) { _ in }
    #expect(finding(alive) { if case .deadUnits = $0 { $0 } else { nil } } == nil)
    // Of two samples a quarter of all units are zero on both, in whatever network.
    let two = try run(
      .mlp(MultilayerPerceptron(hidden: [64])),
      TrainingSet(
        inputs: Problems.gaussian(samples: 2, dimensions: 10).inputs, labels: [0, 1], shape: .features(10),
        classes: 2),
      .with {
        $0.learningRate = .fixed(1e-9)
        $0.maxSteps = 1
      }
    ) { _ in }
    #expect(two.outcome != .budget || finding(two) { if case .deadUnits = $0 { $0 } else { nil } } == nil)
  }

  @Test(
    "saturated units of tanh are those without slope on nearly all samples",
    arguments: [Activation.tanh, .sigmoid])
  func saturated(activation: Activation) throws {
    let data = Problems.gaussian(samples: 300, dimensions: 10)
    let architecture = Architecture.mlp(MultilayerPerceptron(hidden: [8], activation: activation))
    let procedure = Procedure.with {
      $0.learningRate = .fixed(1e-9)
      $0.maxSteps = 10
    }
    let report = try run(architecture, data, procedure) { trainer in
      let variables = trainer.variables.copy()
      let tensor = trainer.network.tensor(named: "fc.0.bias")!
      for unit in 0..<5 { variables[tensor.offset + unit] = unit % 2 == 0 ? 100 : -100 }
      trainer.start(from: variables)
    }
    let found = finding(report) {
      if case .saturatedUnits(let share, let layers) = $0 { (share, layers) } else { nil }
    }
    #expect(found?.1.map(\.count) == [5])
    // The others, at PyTorch's start, hardly ever are.
    #expect(abs(try #require(found).0 - 5.0 / 8) < 0.01)
    let fresh = try run(architecture, data, procedure) { _ in }
    #expect(finding(fresh) { if case .saturatedUnits = $0 { $0 } else { nil } } == nil)
  }

  @Test("a rate beyond the limit of stability is told, with the Hessian's largest eigenvalue")
  func sharpness() throws {
    // Convex, and at its minimum: the eigenvalue is that of the report's own look at the Hessian.
    let data = Problems.gaussian(samples: 200, dimensions: 10)
    let calm = Procedure.with {
      $0.optimizer = .gradientDescent
      $0.batchSize = .full
      $0.learningRate = .fixed(0.5)
      $0.precision = .double
    }
    let minimum = try outcome(.linear, data, calm)
    let largest = try #require(minimum.curvature).largest
    #expect(finding(minimum) { if case .rateTooHigh = $0 { $0 } else { nil } } == nil)
    // Held at the minimum, a rate of 2.5/λ is beyond 2/λ, and one of 1.9/λ is not.
    func report(_ factor: Double) throws -> TrainingReport {
      let trainer = try Trainer(
        architecture: .linear, trainingSet: data, procedure: calm, key: Problems.key(data.count))
      _ = trainer.run(shouldStop: { false })
      let end = trainer.variables.copy()
      var fast = calm
      fast.learningRate = .fixed(factor / largest)
      fast.maxSteps = 1
      return try run(.linear, data, fast) { $0.start(from: end) }
    }
    let found = finding(try report(2.5)) {
      if case .rateTooHigh(_, let sharpness, _) = $0 { sharpness } else { nil }
    }
    let sharpness = try #require(found)
    #expect(abs(sharpness.largestEigenvalue / largest - 1) < 0.02)
    #expect(sharpness.limit == 2)
    #expect(abs(sharpness.learningRate * largest - 2.5) < 1e-9)
    #expect(finding(try report(1.9)) { if case .rateTooHigh = $0 { $0 } else { nil } } == nil)
  }

  @Test("a rate that throws training back is told, with how often; so is divergence")
  func setbacks() throws {
    // 290 = 9 · 32 + 2: a last batch of two samples throws a fast network back in every epoch.
    let data = Problems.gaussian(samples: 290, dimensions: 20, classes: 4)
    func setbacks(_ rate: Double) throws -> Setbacks? {
      let report = try outcome(
        .mlp(MultilayerPerceptron(hidden: [16])), data,
        .with {
          $0.learningRate = .fixed(rate)
          $0.batchSize = .size(32)
          $0.lastBatch = .keep
          $0.maxSteps = 2000
        })
      // About as many samples as the network can fit; only failures are diagnosed.
      return finding(report) { if case .rateTooHigh(let setbacks, _, _) = $0 { setbacks } else { nil } }
    }
    let found = try stride(from: 0.1, to: 0.4, by: 0.02).compactMap(setbacks).first { $0.count >= 3 }
    let fast = try #require(found, "three are what counts as being thrown back")
    #expect(fast.largestFactor > Setbacks.factor && fast.lastStep <= 2000)
    #expect(try setbacks(0.003) == nil)
    let diverged = try outcome(perceptron, data, .with { $0.learningRate = .fixed(1e30) })
    #expect(finding(diverged) { if case .rateTooHigh = $0 { true } else { nil } } == true)
  }

  @Test(
    "a setback is a step's loss of more than four times the epoch's before, and more than half of guessing")
  func countingSetbacks() {
    var setbacks = Setbacks()
    let guessing = 1.386
    setbacks.note(step: 1, loss: 0.5, epoch: 0.1, guessing: guessing)
    setbacks.note(step: 2, loss: 0.79, epoch: 0.2, guessing: guessing)
    #expect(setbacks.count == 0 && setbacks.lastStep == 0)
    setbacks.note(step: 3, loss: 0.81, epoch: 0.2, guessing: guessing)
    setbacks.note(step: 9, loss: 3, epoch: 0.5, guessing: guessing)
    #expect(setbacks.count == 2 && setbacks.lastStep == 9 && setbacks.largestFactor == 6)
  }

  @Test("a loss that hovers far from a stationary point is told, with the gradient that is left")
  func hovering() throws {
    // More random labels than the network can hold, at rates from calm to wild: between them it neither falls nor settles.
    let data = Problems.gaussian(samples: 500, dimensions: 12, classes: 4)
    let reports = try stride(from: 0.1, through: 0.5, by: 0.1).map { rate in
      try outcome(
        .mlp(MultilayerPerceptron(hidden: [16])), data,
        .with {
          $0.learningRate = .fixed(rate)
          $0.batchSize = .size(32)
          $0.maxSteps = 3000
        })
    }
    var told = 0
    for report in reports {
      let gradient = finding(report) {
        if case .rateTooHigh(_, _, let gradient) = $0 { gradient } else { nil }
      }
      guard let gradient else { continue }
      told += 1
      #expect(gradient == report.relativeGradientNorm && gradient > 0.05)
      #expect(
        report.findings.allSatisfy { if case .lossStillFalling = $0 { false } else { true } },
        "what hovers doesn't fall")
    }
    #expect(told >= 1)
  }

  @Test("a rate that moves nothing is not called too high")
  func standstill() throws {
    let data = Problems.gaussian(samples: 100, dimensions: 12, classes: 4)
    let report = try outcome(
      .mlp(MultilayerPerceptron(hidden: [16])), data,
      .with {
        $0.learningRate = .fixed(1e-9)
        $0.batchSize = .size(16)
        $0.maxSteps = 1000
      })
    #expect(report.outcome == .budget && !report.findings.isEmpty)
    #expect(finding(report) { if case .rateTooHigh = $0 { true } else { nil } } == nil)
  }

  @Test("a failure that nothing else explains says that its loss has come to rest")
  func rest() throws {
    // Twice as many samples as a linear classifier can hold: gradient descent settles where the loss can't be lowered.
    let data = Problems.gaussian(samples: 60, dimensions: 10, classes: 2)
    let report = try outcome(
      .linear, data,
      .with {
        $0.learningRate = .fixed(0.002)
        $0.batchSize = .size(7)
        $0.maxSteps = 20_000
      })
    #expect(report.outcome == .budget && !report.findings.isEmpty)
    let flat = finding(report) { if case .lossFlat(let slope, _) = $0 { slope } else { nil } }
    #expect(abs(try #require(flat, "\(report.findings)")) < 0.2)
  }

  @Test("a failure at a minimum has a code too")
  func minimum() throws {
    let data = Problems.gaussian(samples: 60, dimensions: 10, classes: 2)
    let report = try outcome(
      .linear, data,
      .with {
        $0.optimizer = .lbfgs()
        $0.batchSize = .full
        $0.maxSteps = 1000
      })
    #expect(report.outcome == .minimum && report.findings.count == 1)
    let flat = finding(report) { if case .lossFlat(let slope, _) = $0 { slope } else { nil } }
    #expect(abs(try #require(flat, "\(report.findings)")) < 0.2)
  }

  @Test("few samples are left only where most are fit")
  func fewOfFew() throws {
    let data = Problems.gaussian(samples: 3, dimensions: 4, classes: 3)
    let report = try outcome(
      .linear, data,
      .with {
        $0.learningRate = .fixed(1e-6)
        $0.maxSteps = 1
      })
    #expect(report.trainingAccuracy < 0.6)
    #expect(finding(report) { if case .fewSamplesLeft = $0 { true } else { nil } } == nil)
  }

  @Test("a loss that still falls and one that rises are told by their slopes")
  func trend() throws {
    let data = Problems.gaussian(samples: 400, dimensions: 20, classes: 4)
    let falling = try outcome(
      .mlp(MultilayerPerceptron(hidden: [16])), data,
      .with {
        $0.learningRate = .fixed(0.01)
        $0.maxSteps = 500
      })
    let slope = finding(falling) { if case .lossStillFalling(let slope, _) = $0 { slope } else { nil } }
    let last = try #require(falling.curve.steps.last)
    // Between the curve's end and its point two doublings earlier.
    let earlier = try #require(falling.curve.steps.lastIndex { 4 * $0 <= last })
    let chord = log(falling.curve.loss[falling.curve.loss.count - 1] / falling.curve.loss[earlier]) / log(4)
    #expect(abs(try #require(slope) - chord) < 0.3 * abs(chord))
    // A rate that rises all the way makes the loss rise in the end.
    let rising = try outcome(
      .mlp(MultilayerPerceptron(hidden: [16])), data,
      .with {
        $0.learningRate = .fixed(1)
        $0.schedule = Schedule(.constant, warmupSteps: 2000)
        $0.maxSteps = 2000
        $0.batchSize = .size(32)
      })
    let found = finding(rising) {
      if case .lossRising(let slope, let lowest, _) = $0 { (slope, lowest) } else { nil }
    }
    #expect(try #require(found).0 > 0)
    #expect(found?.1 == rising.curve.loss.min())
  }

  @Test("the few samples that are left are named, the hardest first, with their margins")
  func few() throws {
    let data = Problems.gaussian(samples: 240, dimensions: 12, classes: 3)
    // On its way to a fit there is a time when few are left.
    var ends: (trainer: Trainer<Double>, report: TrainingReport, count: Int, samples: [UnfitSample])?
    for steps in stride(from: 300, through: 1200, by: 60) where ends == nil {
      let procedure = Procedure.with {
        $0.precision = .double
        $0.learningRate = .fixed(0.1)
        $0.maxSteps = steps
      }
      let trainer = try Trainer(
        architecture: .mlp(MultilayerPerceptron(hidden: [14])), trainingSet: data, procedure: procedure,
        key: Problems.key(240))
      let report = try #require(trainer.run(shouldStop: { false }))
      let found = finding(report) {
        if case .fewSamplesLeft(let count, let samples) = $0 { (count, samples) } else { nil }
      }
      if let found { ends = (trainer, report, found.0, found.1) }
    }
    let (trainer, report, count, samples) = try #require(ends)
    #expect(report.outcome == .budget)

    let workspace = trainer.network.makeWorkspace(capacity: 240)
    workspace.evaluate(
      parameters: trainer.variables.pointer, inputs: data.inputs.pointer, labels: data.labels, count: 240)
    let margins = (0..<240).map { sample in
      let logits = (0..<3).map { workspace.logits[sample * 3 + $0] }
      let own = Int(data.labels[sample])
      return logits[own] - logits.enumerated().filter { $0.offset != own }.map(\.element).max()!
    }
    let unfit = (0..<240).filter { margins[$0] <= 0 }.sorted { margins[$0] < margins[$1] }
    #expect(count == unfit.count && count > 0)
    #expect(report.trainingAccuracy == Double(240 - count) / 240)
    #expect(samples.map(\.sample) == Array(unfit.prefix(20)))
    for sample in samples { #expect(abs(sample.margin - margins[sample.sample]) < 1e-12) }
  }

  /// A rate that is far too low leaves a large gradient and a loss that hardly falls, as one that is too high does.
  @Test("steps that are far too short aren't called too long", arguments: [1e-4, 1e-5])
  func shortSteps(rate: Double) throws {
    let report = try outcome(
      .mlp(MultilayerPerceptron(hidden: [8])), Problems.gaussian(samples: 64, dimensions: 10),
      .with {
        $0.optimizer = .sgd()
        $0.learningRate = .fixed(rate)
        $0.batchSize = .size(16)
        $0.maxSteps = 500
      })
    #expect(report.outcome == .budget)
    let found = finding(report) { if case .rateTooHigh = $0 { true } else { nil } }
    #expect(found == nil, "\(report.findings)")
  }

  /// One of ten samples is unfit, but no further step tells it from the others.
  @Test("where a whole layer is dead, no few samples are left")
  func deadLayer() throws {
    let points = Problems.gaussian(samples: 10, dimensions: 4)
    let data = TrainingSet(
      inputs: points.inputs, labels: [1] + Array(repeating: 0, count: 9), shape: points.shape, classes: 2)
    func report(_ bias: Double) throws -> TrainingReport {
      try run(
        .mlp(MultilayerPerceptron(hidden: [6])), data,
        .with {
          $0.learningRate = .fixed(1e-4)
          $0.maxSteps = 12
        }
      ) { trainer in
        let variables = trainer.variables.copy()
        let (hidden, own) = (
          trainer.network.tensor(named: "fc.0.bias")!, trainer.network.tensor(named: "fc.1.bias")!
        )
        for unit in 0..<6 { variables[hidden.offset + unit] = bias }
        variables[own.offset] = 3
        trainer.start(from: variables)
      }
    }
    let (dead, alive) = (try report(-1e4), try report(0))
    #expect(dead.trainingAccuracy == 0.9 && alive.trainingAccuracy == 0.9)
    func left(_ report: TrainingReport) -> Int? {
      finding(report) { if case .fewSamplesLeft(let count, _) = $0 { count } else { nil } }
    }
    #expect(left(dead) == nil && left(alive) == 1)
    #expect(finding(dead) { if case .deadUnits(let layers) = $0 { layers.map(\.count) } else { nil } } == [6])
  }
}
