import Compute
import Networks

/// Bytes that one probe takes, from the plan alone: what `Trainer` allocates, and what the look at the Hessian
/// adds while it lasts.
package struct TrainingMemory: Sendable, Hashable {
  /// The standardised inputs and the labels with the order of the epoch.
  package var data: Int
  /// Variables, parameters, gradients and the map between them.
  package var parameters: Int
  /// The optimizer's state.
  package var optimizer: Int
  /// Activations and gathered batches of all shards.
  package var workspaces: Int
  /// Beside these while a Hessian is examined: data and a workspace in double precision, and Lanczos vectors of
  /// a run that converges in its first block.
  package var verification: Int
  /// Beside these of training while the procedure's last stage runs; 0 where it has none.
  package var finish: Int
  /// Beside those of training while a failure's end point is verified (`Trainer.verifyFailure`), where that is asked for.
  package var failureVerification: Int
  /// Beside those of training while the trained network is tested: the test samples.
  package var test: Int

  /// The most while steps are taken.
  package var training: Int { data + parameters + optimizer + workspaces }

  /// The most at any time.
  package var peak: Int { training + max(verification, test, finish) }

  /// The most at any time of a probe whose failure is verified.
  package var verifiedPeak: Int { max(peak, training + failureVerification) }

  /// The memory of `samples` samples under `procedure`, and of `testSamples` that the outcome is tested on.
  package init<S: Scalar>(
    network: Network<S>, procedure: Procedure, samples: Int, testSamples: Int = 0
  ) throws(ArchitectureError) {
    let plan = BatchPlan(samples: samples, network: network, procedure: procedure)
    let width = network.input.count
    let count = network.parameterCount
    var variables = count
    var map = 0
    switch procedure.reparameterization {
    case .none: break
    case .quantized: map = 3 * count * S.bytes
    case .subspace(let dimension):
      variables = dimension
      var block = 1
      while block < dimension { block *= 2 }
      let padded = (count + block - 1) / block * block
      map = (2 * count + 2 * dimension) * S.bytes + padded * (2 * S.bytes + 4)
    }
    let isDouble = S.bytes > 4
    let isStreamed =
      isDouble
      ? !ResidentRows.fitInDouble(samples, width: width)
      : ResidentRows.count(of: samples, width: width) < samples
    var gathers =
      plan.isFull && procedure.augmentation == .none && !isStreamed
      ? 0 : plan.capacity * (width * S.bytes + 4)
    data = samples * (width * S.bytes + 12)
    if !isStreamed, network.readsSparseRows, procedure.augmentation == .none {
      data += SparseRows<S>.bytes(count: samples, columns: width)
    }
    if isStreamed {
      // What stays, and the positions in the split and in the set of all samples.
      let resident = ResidentRows.count(of: samples, width: width) * width * 4
      // In double precision there are only the rows in single precision, which the caller counts. A little fewer samples
      // take all that inputs may take, and more of them are never said to take less.
      let most = max(ResidentRows.bytes, ResidentRows.minimum * 12 * width)
      data = samples * 28 + (isDouble ? most - resident : resident)
      if isDouble { gathers += plan.capacity * width * 4 }
      if procedure.augmentation != .none { gathers += plan.capacity * width * S.bytes }
    }
    test = testSamples * (width * S.bytes + 12)
    parameters = (variables + plan.shards * count) * S.bytes + map
    optimizer = procedure.optimizerState(network: network, variables: variables) * S.bytes
    workspaces = plan.shards * (network.workspaceBytes(capacity: plan.capacity) + gathers)
    let probed = min(samples, HessianOperator.subsampleFrom)
    let wide = try Network<Double>(network.architecture, input: network.input, classes: network.classes)
    let vectors = Lanczos().stepLimit(size: variables) < 40 ? Lanczos().stepLimit(size: variables) : 40
    let hessian =
      probed * (width * 8 + 12) + (vectors + 5) * variables * 8 + count * 8
      + wide.workspaceBytes(
        capacity: [probed, min(samples, Verification.sharpnessSamples)].map {
          HessianOperator.capacity(samples: $0, network: wide, plan: plan)
        }.max() ?? 1, secondOrder: true)
    verification = procedure.unverifiable != nil ? 0 : hessian
    let path = SecondOrderPath.bytes(
      network: wide, plan: plan, variables: variables, isConverted: S.bytes != 8,
      isMapped: procedure.reparameterization != .none)
    finish = procedure.finish == .none ? 0 : path + verification
    failureVerification =
      path + hessian + 2 * 8 * variables
      + (KinkCertifier.bytes(network: wide) ?? 0)
  }
}

extension Procedure {
  /// Numbers in the optimizer's state, and in what goes back from SAM's ascent.
  fileprivate func optimizerState<S: Scalar>(network: Network<S>, variables: Int) -> Int {
    let ascent = regularization.sharpnessRadius == 0 ? 0 : variables
    return ascent
      + optimizer.definition.stateCount(
        count: variables, matrices: matrices(network: network, variables: variables), as: S.self)
  }
}
