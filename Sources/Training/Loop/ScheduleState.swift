import Foundation

/// A schedule under way: the factor of each step, and what the plateau rule has seen.
package struct ScheduleState: Sendable, Codable {
  let schedule: Schedule
  var maxSteps: Int
  private var plateauFactor = 1.0
  private var best = Double.infinity
  private var lastImprovement = 0
  private var epochsWithout = 0

  package init(_ schedule: Schedule, maxSteps: Int) {
    self.schedule = schedule
    self.maxSteps = maxSteps
  }

  /// The factor of the learning rate in step `step`, counted from 0.
  package func factor(step: Int) -> Double {
    warmUp(step: step) * decay(step: step)
  }

  private func warmUp(step: Int) -> Double {
    schedule.warmupSteps == 0 ? 1 : min(1, Double(step + 1) / Double(schedule.warmupSteps))
  }

  private func decay(step: Int) -> Double {
    switch schedule.decay {
    case .constant:
      return 1
    case .cosine(let cosine):
      let period = cosine.period ?? maxSteps
      guard step < period else { return cosine.minimum }
      let fallen = (1 + cos(Double.pi * Double(step) / Double(period))) / 2
      return cosine.minimum + (1 - cosine.minimum) * fallen
    case .step(let decay):
      let every = decay.every ?? max(1, maxSteps / 3)
      return max(decay.minimum, pow(decay.factor, Double(step / every)))
    case .plateau:
      return plateauFactor
    }
  }

  /// Tells the plateau rule the mean loss of the epoch that ended with `steps` steps taken.
  package mutating func endEpoch(loss: Double, steps: Int) {
    guard case .plateau(let plateau) = schedule.decay else { return }
    epochsWithout += 1
    if loss < best * (1 - plateau.threshold) {
      best = loss
      lastImprovement = steps
      epochsWithout = 0
    } else if steps - lastImprovement >= plateau.patience, epochsWithout >= 2 {
      plateauFactor = max(plateau.minimum, plateauFactor * plateau.factor)
      lastImprovement = steps
      epochsWithout = 0
    }
  }

  /// Forgets the best loss, as after a jump.
  mutating func restart(steps: Int) {
    best = .infinity
    lastImprovement = steps
    epochsWithout = 0
  }
}
