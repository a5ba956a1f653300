import Compute
import Networks

extension Trainer {
  /// What the Hessian says of a stationary point; nothing where training was interrupted.
  enum CurvatureVerdict {
    case undecided
    case minimum
    case saddle(Buffer<S>)
  }

  /// The Hessian's extreme eigenvalues at the variables as they stand.
  func examineCurvature() -> CurvatureVerdict {
    let interruption = objective.interruption
    switch Verification(self).examine(descent.variables.converted(), shouldStop: interruption.poll) {
    case .stopped, .failed:
      return .undecided
    case .found(let report, let direction):
      curvature = report
      guard report.converged else { return .undecided }
      return report.isSaddle ? .saddle(direction.converted()) : .minimum
    }
  }

  /// Moves the variables along a direction of negative curvature, of both signs the one that goes lower: step
  /// lengths are doubled from 10⁻³ · max(1, ‖θ‖) while the loss falls, or halved until it does. False, and the
  /// variables as they were, where no step lowers it or training was interrupted.
  func leaveSaddle(along direction: Buffer<S>) -> Bool {
    let variables = descent.variables
    let origin = variables.copy()
    let first = 1e-3 * max(1, origin.norm)
    func loss(at length: Double) -> Double {
      S.combine(variables.count, 1, origin.pointer, S(length), direction.pointer, variables.pointer)
      let summary = objective.trainingLoss(variables)
      let decay = procedure.regularization.coupledWeightDecay
      return summary.lossSum / Double(trainingSet.count)
        + (decay == 0 ? 0 : decay / 2 * S.dot(variables.count, variables.pointer, variables.pointer))
    }
    var best = (length: 0.0, loss: loss(at: 0))
    var scale = first
    for _ in 0..<20 {
      for length in [scale, -scale] {
        let value = loss(at: length)
        if value < best.loss { best = (length, value) }
      }
      if best.length != 0 { break }
      scale /= 2
    }
    guard best.length != 0, !isInterrupted else {
      variables.copy(from: origin)
      return false
    }
    for _ in 0..<40 {
      let value = loss(at: 2 * best.length)
      guard value < best.loss else { break }
      best = (2 * best.length, value)
    }
    let length = isInterrupted ? 0 : S(best.length)
    S.combine(variables.count, 1, origin.pointer, length, direction.pointer, variables.pointer)
    return !isInterrupted
  }
}
