import Networks
import Testing
import Training

@Suite("Interruptions within long passes")
struct InterruptionTests {
  @Test("a pass over many samples asks on its way, and is made again when training goes on")
  func longPass() throws {
    let architecture = Architecture.mlp(MultilayerPerceptron(hidden: [300]))
    let data = Problems.gaussian(samples: 6_000, dimensions: 100, classes: 3)
    let procedure = Procedure.with {
      $0.batchSize = .full
      $0.maxSteps = 2
      $0.precision = .double
    }
    func trainer() throws -> Trainer<Double> {
      try Trainer(
        architecture: architecture, trainingSet: data, procedure: procedure, key: Problems.key(6_000))
    }
    let whole = try #require(try trainer().run(shouldStop: { false }))
    // Stopped again and again, wherever the third question falls: in a pass that takes longer than the interval
    // of the questions, else between two steps.
    let stopped = try trainer()
    var report: TrainingReport?
    for _ in 0..<100 where report == nil {
      var polls = 0
      let patience = 3 + Int(stopped.state().steps) * 1000
      report = stopped.run(shouldStop: {
        polls += 1
        return polls == patience
      })
      if report == nil {
        // Gone on with the same bits, in a fresh trainer.
        let fresh = try trainer()
        try fresh.restore(stopped.state())
        report = fresh.run(shouldStop: { false })
      }
    }
    #expect(report == whole)
  }
}
