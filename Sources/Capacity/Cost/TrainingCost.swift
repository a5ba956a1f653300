import Training

/// The operations of the matrix products of an experiment's training, from the network and the steps alone: what
/// `max_flops` limits, and what a dry run foretells.
///
/// A step on m samples takes m · flops_per_sample (`emc describe`), twice that with sharpness-aware minimisation. A
/// second-order stage of N evaluations takes at most N passes of all samples. Passes that look for a fit are not counted.
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
    let (address, samples) = (observation.address, Double(observation.address.samples))
    guard address.kind != .verification else {
      return samples * flopsPerSample * Double(Finish.defaultEvaluations)
    }
    let steps = Double(observation.steps) * samplesPerStep(address.samples) * flopsPerSample
    return observation.outcome == .budget ? steps + finish(samples) : steps
  }

  /// The most that a probe may take.
  package func most(of address: ProbeAddress) -> Double {
    let samples = Double(address.samples)
    guard address.kind != .verification else {
      return samples * flopsPerSample * Double(Finish.defaultEvaluations)
    }
    return Double(maxSteps << address.doublings) * samplesPerStep(address.samples) * flopsPerSample
      + finish(samples)
  }

  /// What probes took together: of runs that a longer one follows only what is new.
  package func flops(of observations: [ProbeObservation]) -> Double {
    guard !dependsOnGuard else { return observations.reduce(0) { $0 + flops(of: $1) } }
    var longest: [ProbeAddress: Double] = [:]
    for observation in observations {
      let run = observation.address.withoutGuard
      longest[run] = max(longest[run] ?? 0, flops(of: observation))
    }
    return longest.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value }
  }

  private func finish(_ samples: Double) -> Double {
    samples * flopsPerSample * Double(finishEvaluations)
  }
}

extension ProbeAddress {
  /// The run that probes with growing guards follow.
  var withoutGuard: ProbeAddress { ProbeAddress(samples: samples, replicate: replicate, kind: kind) }
}
