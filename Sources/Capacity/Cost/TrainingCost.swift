import Training

/// The operations of the matrix products of an experiment's training, from the network and the steps alone: what
/// `max_flops` limits, and what a dry run foretells.
///
/// A step on m samples takes m · flops_per_sample (`emc describe`), twice that with sharpness-aware minimisation. A
/// second-order stage of N evaluations takes at most N passes of all samples, a verification four times its own. Passes that
/// look for a fit, or at the curvature, are not counted.
package struct TrainingCost: Sendable, Hashable {
  /// Of one step, for each of its samples.
  package let flopsPerSample: Double
  /// nil where a step goes over all samples.
  private let batchSize: Int?
  private let maxSteps: Int
  private let dependsOnGuard: Bool
  private let finishEvaluations: Int

  /// The cost of an experiment's training on data of a form; nil where its network can't be built.
  package init?(_ experiment: Experiment, of form: DataForm) {
    guard let footprint = try? Footprint(experiment, of: form, samples: 1) else { return nil }
    self.init(experiment.training, flopsPerSample: footprint.flopsPerSample)
  }

  /// The cost of a procedure on a network of which a step takes so many operations a sample.
  init(_ procedure: Procedure, flopsPerSample: Int) {
    self.flopsPerSample = Double(flopsPerSample) * (procedure.regularization.sharpnessRadius > 0 ? 2 : 1)
    let searched = SearchedProcedure(procedure)
    batchSize = searched.batchSize
    maxSteps = searched.maxSteps
    dependsOnGuard = searched.dependsOnGuard
    finishEvaluations = if case .secondOrder(let count) = procedure.finish { count } else { 0 }
  }

  /// The samples that a step of a probe of n samples takes on average: n / ⌈n / B⌉.
  package func samplesPerStep(_ samples: Int) -> Double {
    guard let batchSize else { return Double(samples) }
    return Double(samples) / (Double(samples) / Double(batchSize)).rounded(.up)
  }

  /// What a probe took.
  package func flops(of observation: ProbeObservation) -> Double {
    steps(of: observation) + afterwards(of: observation)
  }

  /// The most that a probe may take.
  package func most(of address: ProbeAddress) -> Double {
    let samples = Double(address.samples)
    guard address.kind != .verification else { return verification(samples) }
    return Double(maxSteps << address.doublings) * samplesPerStep(address.samples) * flopsPerSample
      + finish(samples)
  }

  /// What probes took together: of runs that a longer one follows only what is new.
  package func flops(of observations: [ProbeObservation]) -> Double {
    guard !dependsOnGuard else { return observations.reduce(0) { $0 + flops(of: $1) } }
    var longest: [ProbeAddress: Double] = [:]
    for observation in observations {
      let run = observation.address.withoutGuard
      longest[run] = max(longest[run] ?? 0, steps(of: observation))
    }
    return longest.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value }
      + observations.sorted { $0.address < $1.address }.reduce(0) { $0 + afterwards(of: $1) }
  }

  /// What the steps of a probe took.
  private func steps(of observation: ProbeObservation) -> Double {
    guard observation.address.kind != .verification else { return 0 }
    return Double(observation.steps) * samplesPerStep(observation.address.samples) * flopsPerSample
  }

  /// What a probe took beside its steps.
  private func afterwards(of observation: ProbeObservation) -> Double {
    let address = observation.address
    guard address.kind != .verification else { return verification(Double(address.samples)) }
    // A last stage follows where the steps are spent, or lead nowhere any more.
    let hasFinished = observation.outcome == .budget || observation.steps >= maxSteps << address.doublings
    return hasFinished ? finish(Double(address.samples)) : 0
  }

  /// The path to a fit, and a search for a minimum of three times as many passes.
  private func verification(_ samples: Double) -> Double {
    samples * flopsPerSample * Double(4 * Finish.defaultEvaluations)
  }

  private func finish(_ samples: Double) -> Double {
    samples * flopsPerSample * Double(finishEvaluations)
  }
}

extension ProbeAddress {
  /// The run that probes with growing guards follow.
  var withoutGuard: ProbeAddress { ProbeAddress(samples: samples, replicate: replicate, kind: kind) }
}
