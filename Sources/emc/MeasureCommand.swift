import ArgumentParser
import Capacity
import Datasets
import Foundation

/// `emc measure`: one measurement, no server, no database.
struct Measure: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run one measurement here, with no server and no database.",
    discussion: """
      The result goes to standard output as JSON, progress to standard error. Ctrl-C prints what is known by then (exit \
      code 130), from which --resume goes on.

      --dry-run trains nothing: it prints what the measurement is expected to cost, {"probes": {"median", "p90"}, \
      "flops", "memory", "seconds"}, by playing its search against fit curves as they may be and timing a few training \
      steps of this network here.
      """)

  @OptionGroup var source: SpecificationOption

  @Option(help: "Probes trained at once. EMC_WORKERS; default: one a core.")
  var workers: Int?

  @Option(
    help: ArgumentHelp(
      "An earlier result of the same experiment; its probes aren't trained again. The search may ask for more.",
      valueName: "result"))
  var resume: String?

  @Flag(help: "Print what the measurement is expected to cost, and train nothing.")
  var dryRun = false

  @OptionGroup var memory: MemoryOption

  @OptionGroup var data: DataOptions

  func run() throws {
    let workers = try Environment.workers(workers, atLeast: 1)
    let library = data.library
    let memoryLimit = try memory.limit()
    let admission = try source.admit(library, memoryLimit: memoryLimit)
    let specification = admission.specification
    if dryRun {
      let rate = try TrainingRate(of: specification.experiment, form: admission.terms.form)
      let forecast = CostForecast(admission, secondsPerSample: rate.secondsPerSample, workers: workers)
      Console.show(forecast.json)
      return
    }
    let measurement = try LocalMeasurement(
      specification: specification, library: library, workers: workers, memoryLimit: memoryLimit)
    let earlier = try resume.map { try EarlierResult(path: $0, of: specification).probes } ?? []
    let progress = ProgressDisplay(specification)
    InterruptSignal.watch()
    let soFar = MeasurementSoFar(measurement.plan)
    do {
      let (result, probes) = try measurement.run(
        from: earlier, into: soFar, shouldStop: { InterruptSignal.hasCome },
        onProbe: { progress.probeEnded($0, soFar) })
      show(result, probes, specification, isInterrupted: false)
    } catch is CancellationError {
      // Before the first has ended all is known that was.
      let known = soFar.count == 0 ? earlier : soFar.probes
      let probes = known.sorted { $0.address < $1.address }
      show(
        measurement.plan.result(probes.map(\.observation), end: .interruption), probes, specification,
        isInterrupted: true)
      throw InterruptSignal.exitCode
    }
  }

  /// The result with what was measured, so that a later run can go on from it.
  private func show(
    _ result: MeasurementResult, _ probes: [ProbeResult], _ specification: MeasurementSpecification,
    isInterrupted: Bool
  ) {
    guard case .object(var members) = result.json(withProbes: probes) else { return }
    members["specification"] = specification.json
    if isInterrupted { members["interrupted"] = .bool(true) }
    Console.show(.object(members))
  }
}

/// The probes of a result that `emc measure` printed earlier.
private struct EarlierResult {
  let probes: [ProbeResult]

  /// - Throws: `WrongUsage` where the file is no such result, or of another experiment.
  init(path: String, of specification: MeasurementSpecification) throws {
    let content = try InputFile(path: path, option: "--resume").bytes()
    let result: JSONValue
    do {
      result = try JSONValue(parsing: content)
    } catch {
      throw WrongUsage(description: "--resume: the file \(path) can't be read as a result: \(error)")
    }
    guard let recorded = result["specification"], let listed = result["probes"]?.arrayValue,
      let before = try? MeasurementSpecification(recorded: recorded)
    else {
      throw WrongUsage(
        description: "--resume: \(path) has no specification and probes; allowed: what emc measure printed")
    }
    if result["environment"]?["engine_revision"]?.integerValue != engineRevision {
      throw WrongUsage(
        description: "--resume: \(path) is of another engine revision than \(engineRevision): measure anew")
    }
    if let changed = Self.difference(before, specification) {
      throw WrongUsage(
        description:
          "--resume: \(path) measured something else, its \(changed) differs from the specification's: "
          + "only name, limits, generalization, and which runs search asks for may")
    }
    let guardSteps = specification.experiment.training.maxSteps
    let raced = result["tuning"]?["probes"]?.arrayValue ?? []
    let found = (raced + listed).map { ProbeResult(json: $0, guardSteps: guardSteps) }
    if let place = found.firstIndex(where: { $0 == nil }) {
      let name = place < raced.count ? "tuning.probes[\(place)]" : "probes[\(place - raced.count)]"
      throw WrongUsage(
        description: "--resume: \(path): \(name) is no probe; allowed: what emc measure printed, unchanged")
    }
    probes = found.compactMap(\.self)
  }

  /// What makes probes of one measurement none of the other's; nil where they are probes of both.
  private static func difference(
    _ before: MeasurementSpecification, _ now: MeasurementSpecification
  ) -> String? {
    let (old, new) = (before.json, now.json)
    let names = ["dataset", "classes", "labels", "inputs", "subset", "test", "model", "training", "seed"]
    if let changed = names.first(where: { old[$0]?.text() != new[$0]?.text() }) { return changed }
    // What counts as a fit ends a probe, and belongs to the experiment wherever it is written.
    if before.experiment != now.experiment { return "search.fit" }
    if before.search.candidates != now.search.candidates { return "search.tune" }
    // A network that was tested is told by its size and replicate alone.
    if let old = before.generalization, let new = now.generalization, old.testSamples != new.testSamples {
      return "generalization.test_samples"
    }
    return nil
  }
}
