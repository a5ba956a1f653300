import Compute
import Foundation
import Networks

/// Runs the second-order path from a copy of a failed probe's end point and says what is there.
///
/// 1. The path: a fit on it makes the point `reachable`.
/// 2. At a fixed decay λ of 10⁻⁵, then 10⁻⁴, from the path's end: a stationary point without negative curvature, or
///    with a certificate where kinks meet, at most ten times as far out as the procedure ended.
/// 3. The path again from a perturbed copy, which must not fit either.
///
/// On separable data every λ has a minimum, further out the smaller λ is: a minimum is claimed only where ‖θ‖ hardly
/// grows as λ falls.
struct FailureVerification {
  /// Growth of ‖θ‖ for a tenfold smaller decay, from a minimum with decay to the end of the path, above which there is no minimum
  /// at a finite distance. Where data can be separated a network of two layers grows by 9 %, one of four by 4 %.
  static let largestGrowth = 1.03
  /// How far out a minimum may lie, relative to ‖θ‖ where the procedure ended.
  static let largestNormRatio = 10.0
  /// The distances within which kinks are looked for, relative to ‖θ‖ ‖x̃‖.
  static let deltas = [1e-3, 1e-4, 1e-5]
  /// The roundings, in deviations, by which kinks are approached at a fixed decay.
  private static let roundings = [1e-3, 1e-4, 1e-5]

  private let verification: Verification
  private let path: SecondOrderPath
  private let start: Buffer<Double>
  private let startNorm: Double
  private let evaluations: Int
  private let certifier: Result<KinkCertifier, KinkCertifier.Refusal>
  private let criteria: ConvergenceCriteria
  /// The procedure's own.
  private let ownDecay: Double
  private var accuracy = 0.0

  private var target: DecayedObjective { path.target }
  private var interruption: Interruption { target.objective.interruption }

  init(
    _ verification: Verification, path: SecondOrderPath, data: TrainingSet<Double>, start: Buffer<Double>,
    evaluations: Int
  ) {
    self.verification = verification
    self.path = path
    self.start = start
    self.evaluations = evaluations
    startNorm = max(start.norm, .leastNormalMagnitude)
    let procedure = verification.procedure
    criteria = procedure.convergence
    ownDecay = procedure.regularization.coupledWeightDecay
    certifier = Result { () throws(KinkCertifier.Refusal) -> KinkCertifier in
      guard verification.map == nil else { throw .subspace }
      return try KinkCertifier(
        network: verification.network, data: data, smoothing: procedure.regularization.labelSmoothing)
    }
  }

  /// The verdict; without meaning where training was interrupted.
  mutating func run() -> VerificationReport {
    target.move(to: start)
    let stages = SecondOrderPath.stages(hasKinks: target.hasKinks, decay: ownDecay)
    let results = path.run(stages, evaluations: evaluations)
    if let last = results.last, last.end == .fit { return reachable(last) }
    if results.last?.end == .notFinite || interruption.hasStopped {
      return report(.undecided, "the loss was not finite where the procedure ended")
    }
    let end = target.variables.copy()
    let endNorm = end.norm
    // Without a decay of the verification's own.
    var bare = judge(decay: ownDecay)
    let lastDecay = stages[stages.count - 1].decay

    var candidate: VerificationReport?
    var closest: VerificationReport?
    for decay in Set([max(1e-5, ownDecay), max(1e-4, ownDecay)]).sorted() {
      target.move(to: end)
      if let fit = settle(decay) { return reachable(fit) }
      if interruption.hasStopped { break }
      var found = judge(decay: decay)
      if decay > lastDecay {
        let norm = max(target.variables.norm, .leastNormalMagnitude)
        found.parameterGrowth = pow(endNorm / norm, 1 / log10(decay / lastDecay))
      }
      closest = closest ?? found
      if found.verdict == .minimum || found.verdict == .nonsmoothMinimum {
        candidate = found
        break
      }
    }
    if interruption.hasStopped { return bare }
    let growth = (candidate ?? closest)?.parameterGrowth
    let grows =
      growth.map { $0 > Self.largestGrowth } ?? false
      || SecondOrderPath.isFar(norms: results.map(\.norm), from: startNorm)
    if grows {
      guard bare.relativeGradientNorm <= criteria.gradientNorm else {
        return undecided(candidate ?? closest ?? bare, "the parameters grow as the decay falls")
      }
      bare.verdict = .unbounded
      bare.reason = nil
      bare.parameterGrowth = growth
      return updated(bare)
    }
    guard let candidate else {
      return undecided(closest ?? bare, closest?.reason ?? "no stationary point was reached")
    }
    if candidate.parameterNormRatio > Self.largestNormRatio {
      return undecided(candidate, "the minimum lies more than ten times as far out as the procedure ended")
    }
    target.move(to: perturbed())
    let second = path.run(stages, evaluations: evaluations)
    if let last = second.last, last.end == .fit { return reachable(last) }
    return updated(candidate)
  }

  /// Goes to a minimum at a fixed decay, closer and closer to the kinks; the end where it met a fit.
  private mutating func settle(_ decay: Double) -> SecondOrderPath.Result? {
    let roundings = target.hasKinks ? Self.roundings : [0]
    for rounding in roundings {
      let result = path.run(
        SecondOrderPath.Stage(decay: decay, rounding: rounding), evaluations: evaluations / roundings.count,
        gradientNorm: criteria.gradientNorm / 10)
      if result.end == .fit { return result }
      if result.end == .notFinite || interruption.hasStopped { return nil }
    }
    return nil
  }

  /// What can be said of the target's point for the network as it is: `minimum`, `nonsmooth_minimum` or `undecided`.
  private mutating func judge(decay: Double) -> VerificationReport {
    target.decay = decay
    target.roundKinks(0)
    let value = target.evaluate()
    note(target.objective.evaluate(target.variables).correct)
    var report = report(.undecided, "no stationary point was reached", value)
    if interruption.hasStopped || !value.isFinite { return report }
    if value.relativeGradientNorm <= criteria.gradientNorm {
      switch verification.examine(target.variables, decay: decay, shouldStop: interruption.poll) {
      case .stopped, .failed: report.reason = "the Hessian could not be examined"
      case .found(let curvature, _):
        report.curvature = curvature
        if !curvature.converged {
          report.reason = "lanczos_not_converged"
        } else if curvature.isSaddle {
          report.reason = "stationary with a negative eigenvalue"
        } else {
          report.verdict = .minimum
          report.reason = nil
        }
      }
      return report
    }
    guard target.hasKinks else { return report }
    let certifier: KinkCertifier
    switch self.certifier {
    case .success(let found): certifier = found
    case .failure(let refusal):
      report.reason = refusal.description
      return report
    }
    for delta in Self.deltas {
      let found = certifier.certificate(
        target.variables, decay: decay, delta: delta, shouldStop: interruption.poll)
      guard let found else { return report }
      report.certificates.append(found)
    }
    if report.certificates.contains(where: { $0.isExact && $0.relativeGradientNorm <= criteria.gradientNorm })
    {
      report.verdict = .nonsmoothMinimum
      report.reason = nil
    }
    return report
  }

  /// The start, every variable moved by a tenth of itself and a hundredth of their mean size, at random.
  private func perturbed() -> Buffer<Double> {
    let key = verification.key
    var stream = RandomStream(
      seed: key.seed, purpose: .perturbation, samples: key.samples, replicate: key.replicate)
    let point = start.copy()
    let size = startNorm / Double(point.count).squareRoot()
    for i in 0..<point.count {
      point[i] += 0.1 * abs(point[i]) * stream.normal() + 0.01 * size * stream.normal()
    }
    return point
  }

  private mutating func note(_ correct: Int) {
    accuracy = max(accuracy, Double(correct) / Double(target.objective.plan.samples))
  }

  private mutating func reachable(_ result: SecondOrderPath.Result) -> VerificationReport {
    note(target.objective.evaluate(target.variables).correct)
    return report(.reachable, nil, result.value)
  }

  private func undecided(_ report: VerificationReport, _ reason: String) -> VerificationReport {
    var report = updated(report)
    report.verdict = .undecided
    report.reason = reason
    return report
  }

  private func updated(_ report: VerificationReport) -> VerificationReport {
    var report = report
    report.evaluations = target.evaluations
    report.trainingAccuracy = accuracy
    return report
  }

  private func report(
    _ verdict: FailureVerdict, _ reason: String?, _ value: DecayedObjective.Value? = nil
  ) -> VerificationReport {
    VerificationReport(
      verdict: verdict, reason: reason, evaluations: target.evaluations, trainingAccuracy: accuracy,
      decay: target.decay, loss: value?.loss ?? .nan,
      relativeGradientNorm: value?.relativeGradientNorm ?? .nan,
      curvature: nil, parameterNormRatio: target.variables.norm / startNorm, parameterGrowth: nil,
      certificates: [])
  }
}

extension Trainer {
  /// What a second-order method finds from the variables as they stand, where `run` ended without a fit or a state of
  /// such an end was restored; they stay as they are, but for a trial point. A pure function of them and of the
  /// probe. Nil where `shouldStop` said so.
  ///
  /// `evaluations` is what the path may take; the search for a minimum takes up to three times as many besides.
  package func verifyFailure(
    evaluations: Int = Finish.defaultEvaluations, shouldStop: () -> Bool
  ) -> VerificationReport? {
    objective.interruption.asking(shouldStop) {
      leaveTrialPoint()
      let start: Buffer<Double> = descent.variables.converted()
      if case .quantized = procedure.reparameterization {
        return VerificationReport(
          verdict: .undecided, reason: "quantized parameters have no gradient to descend", evaluations: 0,
          trainingAccuracy: Double(objective.evaluate(descent.variables).correct) / Double(trainingSet.count),
          decay: 0, loss: .nan, relativeGradientNorm: .nan, curvature: nil, parameterNormRatio: 1,
          parameterGrowth: nil, certificates: [])
      }
      let verification = Verification(self)
      let data = verification.allSamples()
      let path = makePath(verification, data)
      let interruption = path.target.objective.interruption
      return interruption.asking(objective.interruption.poll) {
        var search = FailureVerification(
          verification, path: path, data: data, start: start, evaluations: evaluations)
        let report = search.run()
        return interruption.hasStopped || isInterrupted ? nil : report
      }
    }
  }
}
