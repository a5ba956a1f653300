import Compute
import Datasets
import Networks
import Training

/// Runs probes against the data sets of this machine. Calls block: make them on a thread of their own.
package struct ProbeRunner: Sendable {
  /// The data sets of this machine.
  package let library: DatasetLibrary

  /// A runner over a library of data sets.
  package init(library: DatasetLibrary) { self.library = library }

  /// The content that a measurement runs on, fetched where it is not there yet.
  ///
  /// - Parameter shouldStop: polled while it is fetched; true ends it with `DatasetError.interrupted`.
  /// - Throws: `DatasetError`, `ProbeError`
  package func pin(
    _ data: DataSpecification, shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> PinnedDataset {
    try PinnedDataset(data.dataset.open(in: library, shouldStop: shouldStop), for: data)
  }

  /// The plan of a measurement on this machine, its data set fetched where it is not there yet.
  ///
  /// - Parameters:
  ///   - memoryLimit: bytes that its probes may take together.
  ///   - shouldStop: polled while data are fetched; true ends it with `DatasetError.interrupted`.
  /// - Throws: `DatasetError`, `ProbeError`, `ArchitectureError`; `SpecificationError` where memory doesn't hold what is to be
  ///   verified, or there are fewer samples than are asked for.
  package func plan(
    _ specification: MeasurementSpecification, memoryLimit: Int = MemoryLimit.ofThisMachine,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> MeasurementPlan {
    let experiment = specification.experiment
    let dataset = try experiment.data.dataset.open(in: library, shouldStop: shouldStop)
    let pinned = try PinnedDataset(dataset, for: experiment.data)
    let form = DataForm(shape: dataset.shape, classes: dataset.classes)
    let footprint = try Footprint(experiment, of: form, samples: 1)
    let verified = specification.search.verifiedProbes
    let candidates = try specification.search.candidates.map { try $0.experiment(of: experiment) }
    let memory = Footprint.largestSize(
      [experiment] + candidates, of: form, upTo: pinned.sampleLimit, within: memoryLimit,
      verifies: verified > 0)
    if memory == 0 {
      throw SpecificationError(faults: [
        Footprint.unverifiable([experiment] + candidates, of: form, probes: verified, within: memoryLimit)
      ])
    }
    try specification.checkSizes(upTo: min(pinned.sampleLimit, memory ?? .max))
    let terms = MeasurementTerms(
      form: form, parameterCount: footprint.parameterCount, memoryLimit: memory, dataset: pinned)
    guard let plan = MeasurementPlan(specification: specification, terms: terms) else {
      preconditionFailure("the content is pinned")
    }
    return plan
  }

  /// The operations that a probe's training takes; nil where its network can't be built.
  ///
  /// - Throws: `DatasetError`, `ProbeError`
  package func cost(of probe: ProbeSpecification) throws -> TrainingCost? {
    let dataset = try probe.experiment.data.dataset.open(in: library)
    return TrainingCost(probe.experiment, of: DataForm(shape: dataset.shape, classes: dataset.classes))
  }

  /// Draws the samples, trains from scratch and says how it ended; nil when `shouldStop` ended it.
  ///
  /// A pure function of the probe but for the time it takes.
  ///
  /// - Parameters:
  ///   - threads: execute the probe's shards, as many as it has at most; the outcome doesn't depend on them.
  ///   - save: gets the network as it is at the end.
  ///   - shouldStop: polled while data are fetched and drawn, and once a training step.
  /// - Throws: `DatasetError`; `ProbeError` when the data set is no longer the one that was asked for; what `save` throws.
  package func run(
    _ probe: ProbeSpecification, threads: Int = 1, save: ((TrainedNetwork) throws -> Void)? = nil,
    shouldStop: @escaping @Sendable () -> Bool
  ) throws -> ProbeResult? {
    guard
      case .ended(let result, _) = try run(
        probe, threads: threads, checkpoints: ProbeCheckpoints(), save: save, shouldStop: shouldStop)
    else { return nil }
    return result
  }

  /// The same, from a state that another run of the probe left, or one of the same trajectory: it ends with
  /// the same bits.
  ///
  /// - Throws: `DatasetError`; `ProbeError` when the data set is no longer the one that was asked for; what `save` throws.
  package func run(
    _ probe: ProbeSpecification, threads: Int = 1, checkpoints: ProbeCheckpoints,
    save: ((TrainedNetwork) throws -> Void)? = nil, progress: ((TrainingProgress) -> Void)? = nil,
    shouldStop: @escaping @Sendable () -> Bool
  ) throws -> ProbeRun {
    do {
      return try runUnlessInterrupted(
        probe, checkpoints, DrawExecution(threads: threads, shouldStop: shouldStop), save, progress)
    } catch DatasetError.interrupted {
      return .stopped(nil)
    }
  }

  private func runUnlessInterrupted(
    _ probe: ProbeSpecification, _ checkpoints: ProbeCheckpoints, _ execution: DrawExecution,
    _ save: ((TrainedNetwork) throws -> Void)?, _ progress: ((TrainingProgress) -> Void)?
  ) throws -> ProbeRun {
    BLAS.useOneThread()
    let experiment = probe.experiment
    let dataset = try experiment.data.dataset.open(in: library, shouldStop: execution.shouldStop)
    guard dataset.digest == probe.datasetDigest else {
      throw ProbeError.datasetChanged(
        name: experiment.data.dataset.reference.name, asked: probe.datasetDigest, found: dataset.digest)
    }
    return switch experiment.training.precision {
    case .single: try run(probe, on: dataset, checkpoints, execution, save, progress, in: Float.self)
    case .double: try run(probe, on: dataset, checkpoints, execution, save, progress, in: Double.self)
    }
  }

  private func run<S: Scalar>(
    _ probe: ProbeSpecification, on dataset: any Dataset, _ checkpoints: ProbeCheckpoints,
    _ execution: DrawExecution, _ save: ((TrainedNetwork) throws -> Void)?,
    _ progress: ((TrainingProgress) -> Void)?, in precision: S.Type
  ) throws -> ProbeRun {
    let started = ContinuousClock.now
    let (experiment, address) = (probe.experiment, probe.address)
    var request = experiment.data.request(seed: experiment.seed, address: address)
    request.residentSamples = ResidentRows.count(of: address.samples, width: dataset.shape.count)
    let subset = try dataset.subset(request, execution: execution)
    let trainer = try Trainer(
      architecture: experiment.model.architecture, trainingSet: TrainingSet<S>(subset),
      procedure: experiment.training,
      key: ProbeKey(seed: experiment.seed, samples: address.samples, replicate: address.replicate),
      threads: execution.threads)
    var earlier = 0.0
    if let bytes = checkpoints.resume {
      do throws(CheckpointError) {
        let checkpoint = try ProbeCheckpoint(encoded: bytes, of: probe)
        try trainer.restore(checkpoint.state)
        earlier = checkpoint.seconds
      } catch {
        checkpoints.onUnusable(error)
      }
    }
    func seconds() -> Double { earlier + (ContinuousClock.now - started) / .seconds(1) }
    func checkpoint(_ state: TrainingState) -> ProbeCheckpoint {
      ProbeCheckpoint(probe: probe, seconds: seconds(), state: state)
    }
    var last: ProbeCheckpoint?
    var end: ProbeCheckpoint?
    let isStopping = { execution.shouldStop() }
    let report = trainer.run(
      checkpoints: Checkpoints(
        isDue: { _ in checkpoints.isDue() },
        write: { state in
          let taken = checkpoint(state)
          if isStopping() { last = taken } else { checkpoints.write(taken) }
        },
        end: { end = checkpoint($0) }), shouldStop: execution.shouldStop, progress: progress)
    guard let report else { return .stopped(last) }
    if address.kind == .verification {
      guard report.outcome != .fit else { throw ProbeError.nothingToVerify }
      guard let found = trainer.verifyFailure(shouldStop: execution.shouldStop) else {
        return .stopped(checkpoint(trainer.state()))
      }
      let result = ProbeResult(
        address: address, verification: found, maxSteps: experiment.training.maxSteps, seconds: seconds())
      return .ended(result, nil)
    }
    if let save {
      guard let tensors = trainer.tensors(shouldStop: execution.shouldStop) else {
        return .stopped(checkpoint(trainer.state()))
      }
      try save(
        TrainedNetwork(probe: probe, tensors: tensors, subset: subset, isGenerated: dataset.count == nil))
    }
    var test: TestReport?
    if experiment.data.testSamples > 0 {
      let samples = try dataset.subset(
        experiment.data.testRequest(
          seed: experiment.seed, available: dataset.count(of: .test), moments: subset.moments),
        execution: execution)
      test = trainer.test(on: TrainingSet(samples), shouldStop: execution.shouldStop)
      if test == nil { return .stopped(checkpoint(trainer.state())) }
    }
    let result = ProbeResult(
      address: address, report: report, indices: subset.indices, test: test,
      maxSteps: experiment.training.maxSteps, seconds: seconds())
    return .ended(result, end)
  }
}

extension TrainingSet {
  fileprivate init(_ subset: Subset) {
    self = TrainingSet<Float>(
      inputs: subset.inputs, stream: subset.stream, labels: subset.labels, shape: subset.shape,
      classes: subset.classes
    ).converted(to: S.self)
  }
}

/// Why a probe can't be run.
package enum ProbeError: Error, CustomStringConvertible {
  /// This machine has other content under the data set's name than the job began with.
  case datasetChanged(name: String, asked: String, found: String)
  /// The user's data that the job began with are not on this machine.
  case datasetMissing(name: String, digest: String)
  /// The verification of a run that fitted.
  case nothingToVerify

  /// What is wrong and what to do, in a line.
  package var description: String {
    switch self {
    case .datasetChanged(let name, let asked, let found):
      "the data set \(name) has other content here (digest \(found)) than the job began with (\(asked)); "
        + "let all machines use one mirror"
    case .datasetMissing(let name, let digest):
      "the data set \(name) with the digest \(digest) is not stored on this machine: it was removed, or never "
        + "added here (emc datasets add); every machine that trains needs the same data"
    case .nothingToVerify:
      "the run to verify fitted when it was trained again: it failed on another kind of processor; let all machines that "
        + "train have the same kernels"
    }
  }
}
