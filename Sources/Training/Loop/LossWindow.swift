/// The test that the loss has stopped changing: the mean losses of two successive windows of whole epochs.
/// A window in which the learning rate fell below 1 % of its start takes no part: what the last two that do have
/// found stands, and below that rate the gradient alone has still to be shown.
package struct LossWindow: Sendable, Codable {
  let minimumSteps: Int
  let minimumEpochs: Int
  private var sum = 0.0
  private var steps = 0
  private var epochs = 0
  private var rateHeld = true
  private var previousMean: Double?
  /// |m₂ − m₁| / |m₁| of the two windows closed last; nil where there were none that count.
  package private(set) var change: Double?

  package init(minimumSteps: Int, minimumEpochs: Int) {
    self.minimumSteps = minimumSteps
    self.minimumEpochs = minimumEpochs
  }

  /// Takes note of a step whose rate is `factor` times the start.
  package mutating func addStep(factor: Double) {
    steps += 1
    if factor < 0.01 { rateHeld = false }
  }

  /// Ends an epoch with this mean loss; true where it closes a window.
  package mutating func endEpoch(meanLoss: Double) -> Bool {
    sum += meanLoss
    epochs += 1
    guard steps >= minimumSteps, epochs >= minimumEpochs else { return false }
    let mean = sum / Double(epochs)
    if rateHeld {
      change = previousMean.map { abs(mean - $0) / max(abs($0), .leastNormalMagnitude) }
      previousMean = mean
    }
    sum = 0
    steps = 0
    epochs = 0
    rateHeld = true
    return true
  }

  /// Begins anew, as after a jump.
  package mutating func restart() {
    self = LossWindow(minimumSteps: minimumSteps, minimumEpochs: minimumEpochs)
  }
}
