import Foundation
import Testing
import Training

@Suite("Schedules and the loss window")
struct ScheduleTests {
  @Test("half a cosine, then its floor")
  func cosine() {
    let state = ScheduleState(Schedule(.cosine(CosineDecay(minimum: 0.1))), maxSteps: 100)
    #expect(state.factor(step: 0) == 1)
    #expect(abs(state.factor(step: 50) - 0.55) < 1e-12)
    #expect(abs(state.factor(step: 25) - (0.1 + 0.9 * (1 + 0.5.squareRoot()) / 2)) < 1e-12)
    #expect(state.factor(step: 100) == 0.1)
    #expect(state.factor(step: 5000) == 0.1)
  }

  @Test("equal intervals, down to the floor")
  func step() {
    let state = ScheduleState(
      Schedule(.step(StepDecay(every: 10, factor: 0.5, minimum: 0.2))), maxSteps: 100)
    #expect([0, 9, 10, 19, 20, 30, 90].map { state.factor(step: $0) } == [1, 1, 0.5, 0.5, 0.25, 0.2, 0.2])
    let thirds = ScheduleState(Schedule(.step(StepDecay(minimum: 0.01))), maxSteps: 300)
    #expect(thirds.factor(step: 99) == 1)
    #expect(abs(thirds.factor(step: 100) - 0.1) < 1e-15)
  }

  @Test("warm-up multiplies every decay")
  func warmUp() {
    let state = ScheduleState(Schedule(.constant, warmupSteps: 4), maxSteps: 100)
    #expect((0..<6).map { state.factor(step: $0) } == [0.25, 0.5, 0.75, 1, 1, 1])
  }

  @Test("a plateau halves the rate after its patience, and improvement renews it")
  func plateau() {
    var state = ScheduleState(
      Schedule(.plateau(PlateauDecay(factor: 0.5, patience: 30, threshold: 0.01, minimum: 0.2))),
      maxSteps: 1000)
    var steps = 0
    func epoch(_ loss: Double) -> Double {
      steps += 10
      state.endEpoch(loss: loss, steps: steps)
      return state.factor(step: steps)
    }
    #expect(epoch(1) == 1)
    // Within 1 % of the best: no improvement.
    #expect([0.999, 0.995].map(epoch) == [1, 1])
    #expect(epoch(0.9) == 1)
    #expect([0.9, 0.9].map(epoch) == [1, 1])
    #expect(epoch(0.9) == 0.5)
    #expect([0.9, 0.9].map(epoch) == [0.5, 0.5])
    #expect(epoch(0.9) == 0.25)
    for _ in 0..<3 { _ = epoch(0.9) }
    #expect(state.factor(step: steps) == 0.2)
  }

  @Test("two successive windows of whole epochs are compared")
  func window() {
    var window = LossWindow(minimumSteps: 6, minimumEpochs: 2)
    func epoch(_ loss: Double, factor: Double = 1) -> Bool {
      for _ in 0..<3 { window.addStep(factor: factor) }
      return window.endEpoch(meanLoss: loss)
    }
    #expect([4.0, 2].map { epoch($0) } == [false, true])
    #expect(window.change == nil)
    #expect([2.0, 1].map { epoch($0) } == [false, true])
    #expect(window.change == 0.5)
    #expect([1.5, 1.5].map { epoch($0) } == [false, true])
    #expect(window.change == 0)
    // A window with a rate below 1 % of the start takes no part, whatever its loss.
    #expect([1.5, 9].map { epoch($0, factor: 0.009) } == [false, true])
    #expect(window.change == 0)
    #expect([3.0, 3].map { epoch($0, factor: 0.01) } == [false, true])
    #expect(window.change == 1)
    window.restart()
    #expect([3.0, 3].map { epoch($0) } == [false, true])
    #expect(window.change == nil)
  }
}
