import Capacity
import Compute
import Datasets
import Foundation
import Synchronization
import Testing

/// Studies run in this process: what is shared, what is the same, and what a failure leaves.
@Suite struct LocalStudyTests {
  private static let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)

  /// Perceptrons on random labels that fit, or not, within a few hundred steps.
  private static func text(axes: String, probes: Int = 12) -> String {
    #"""
    {"base": {"dataset": {"name": "gaussian", "dimensions": 6, "classes": 2}, "model": {"kind": "mlp", "hidden": [4]},
      "training": {"max_steps": 400, "batch_size": 16}, "search": {"max_probes": \#(probes), "initial_samples": 16}},
     "axes": [\#(axes)]}
    """#
  }

  private static func run(
    _ text: String, workers: Int = 2, known: [String: ProbeResult] = [:],
    shouldStop: @escaping @Sendable () -> Bool = { false }, report: LocalStudy.Report = LocalStudy.Report()
  ) throws -> StudyResult {
    try LocalStudy(
      StudySpecificationTests.admit(text), library: library, workers: workers, memoryLimit: 1 << 30
    )
    .run(known: known, shouldStop: shouldStop, report: report)
  }

  /// All but the cells' own names, and what may differ between two runs.
  private static func findings(_ study: StudyResult) -> String {
    study.json()["comparison"]?.text() ?? ""
  }

  private static let widths = #"{"pointer": "/model/hidden/0", "values": [2, 6]}"#

  @Test func everyCellIsTheMeasurementThatItWouldBeByItself() throws {
    let study = try Self.run(Self.text(axes: Self.widths))
    #expect(study.isComplete && study.cells.count == 2)
    for cell in study.cells {
      let alone = try LocalMeasurement(
        specification: cell.cell.specification, library: Self.library, workers: 1, memoryLimit: 1 << 30
      ).run()
      guard case .ended(let result) = cell.outcome else { continue }
      #expect(result.json == alone.result.json)
      #expect(cell.probes.map(\.observation) == alone.probes.map(\.observation))
    }
    #expect(study.counts.trained == study.cells.reduce(0) { $0 + $1.probes.count })
  }

  /// A race's runs, those of the losers among them, chose the procedure: what is compared is what was measured by it.
  @Test func comparisonsOfTunedCellsAreOfWhatTheirWinnersFit() throws {
    let text =
      Self.text(axes: #"{"pointer": "/model/activation", "values": ["relu", "tanh", "gelu"]}"#)
      .dropLast(1) + #", "tune": [{"/model/hidden": [2]}, {"/model/hidden": [24]}]}"#
    let study = try Self.run(String(text))
    #expect(study.isComplete && study.comparison.cells.count == 3)
    let told = try #require(study.comparison.json["cells"]?.arrayValue)
    for (cell, told) in zip(study.cells, told) {
      guard case .ended(let result) = cell.outcome else { continue }
      let found = result.json
      #expect(found["tuning"] != .null)
      for name in ["emc", "interval", "parameter_count", "emc_per_parameter", "bounded_by"] {
        #expect(found[name] == told[name], "\(cell.cell.label): \(name)")
      }
      #expect(told["incomplete"] == .null)
    }
  }

  @Test func whatTwoCellsAskForIsTrainedOnce() throws {
    // The search asks for the same in both, up to the probes of the first: a level is no part of a probe.
    let study = try Self.run(Self.text(axes: #"{"pointer": "/search/level", "values": [0.9, 0.8]}"#))
    let asked = Set(study.cells.flatMap { cell in cell.probes.map(\.address) })
    #expect(study.counts.trained == asked.count)
    #expect(study.counts.asked == study.cells.reduce(0) { $0 + $1.probes.count })
    #expect(study.counts.shared == study.counts.asked - asked.count && study.counts.shared > 0)
  }

  /// A probe that one cell's time ran out on is another's still.
  @Test func whatOneMeasurementStopsIsTrainedForTheOthers() throws {
    let pool = ProbePool(workers: 1, memoryLimit: 1 << 30)
    defer { pool.close() }
    let stops = Mutex(false)
    let (begun, asked) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let address = ProbeAddress(samples: 3, replicate: 0)
    let json = try JSONValue(
      parsing: #"{"samples": 3, "replicate": 0, "outcome": "fit", "steps": 7, "blas_kernels": "any"}"#.utf8)
    let result = try #require(ProbeResult(json: json))
    @Sendable func request(_ training: @escaping @Sendable () throws -> ProbeResult) -> ProbePool.Request {
      ProbePool.Request(digest: "one", address: address, memory: 1) { _ in try training() }
    }
    let ends = Mutex<[String]>([])
    let group = DispatchGroup()
    group.enter()
    startThread("first") {
      defer { group.leave() }
      let first = request {
        begun.signal()
        asked.wait()
        stops.withLock { $0 = true }
        throw CancellationError()
      }
      do {
        _ = try pool.train([first], shouldStop: { stops.withLock { $0 } })
      } catch {
        ends.withLock { $0.append("\(type(of: error))") }
      }
    }
    begun.wait()
    group.enter()
    startThread("second") {
      defer { group.leave() }
      let second = request { result }
      let found = try? pool.train([second], onResult: { _ in })
      ends.withLock { $0.append("\(found?.first?.steps ?? -1)") }
    }
    // Until the second has asked for it too.
    while pool.counts.asked < 2 { sched_yield() }
    asked.signal()
    group.wait()
    #expect(ends.withLock { $0.sorted() } == ["7", "CancellationError"])
  }

  /// A cell that waits for a thread takes none of its time.
  @Test func aLimitOfTimeCountsFromACellsFirstProbe() throws {
    let text = #"""
      {"base": {"dataset": {"name": "gaussian", "dimensions": 6}, "model": {"kind": "linear"},
        "training": {"max_steps": 1000000000, "optimizer": {"learning_rate": 1e-12}},
        "search": {"strategy": "grid", "sizes": [64], "replicates": 1}, "limits": {"max_seconds": 0.4}},
       "axes": [{"pointer": "/seed", "values": [1, 2, 3]}]}
      """#
    let begun = ContinuousClock.now
    let study = try Self.run(text, workers: 1)
    #expect(study.cells.allSatisfy { $0.hasEnded })
    #expect(ContinuousClock.now - begun >= .seconds(3 * 0.4))
  }

  /// A limit that ended a search is told of its cell; one that ended none, or that only kept networks from being tested, isn't.
  @Test func cellsThatALimitEndedAreNotMeasuredToTheirEnd() throws {
    let text = #"""
      {"base": {"dataset": {"name": "gaussian", "dimensions": 10}, "model": {"kind": "linear"}, "training": {"max_steps": 50},
        "search": {"strategy": "grid", "sizes": [10, 200], "replicates": 1},
        "generalization": {"samples": 20, "networks": 30}},
       "axes": [{"pointer": "/limits/max_flops", "values": [100000, 700000, 100000000], "labels": ["few", "some", "enough"]}]}
      """#
    let comparison = try Self.run(text, workers: 2).comparison
    #expect(comparison.cells.map(\.incomplete) == ["ended by its limits", nil, nil])
    #expect(comparison.verdict.contains("few (ended by its limits)"), "\(comparison.verdict)")
  }

  @Test func theWorkersNumberChangesNothing() throws {
    let text = Self.text(axes: Self.widths)
    #expect(Self.findings(try Self.run(text, workers: 1)) == Self.findings(try Self.run(text, workers: 3)))
  }

  @Test func aStudyThatWasStoppedEndsAsIfItHadNotBeen() throws {
    let text = Self.text(axes: Self.widths)
    let log = Mutex<[UInt8]>([])
    let count = Atomic(0)
    var report = LocalStudy.Report()
    report.onProbe = { digest, probe in
      log.withLock { $0 += ProbeLog.line(digest, probe) }
      count.add(1, ordering: .relaxed)
    }
    let stopped = try Self.run(text, shouldStop: { count.load(ordering: .relaxed) >= 5 }, report: report)
    #expect(!stopped.isComplete && stopped.json()["state"] == .string("paused"))
    // What was let go is nobody else's, and what is known of a cell is told as that.
    #expect(stopped.counts.shared == 0 && stopped.counts.asked > stopped.counts.trained)
    #expect(StudyReport(stopped.json()).text.contains("were not trained any more"))
    #expect(stopped.comparison.verdict.contains("measured to "))
    // The last line as a crash leaves it.
    let bytes = log.withLock { $0 }
    let cut = Array(bytes.dropLast(9))
    let known = ProbeLog.read(cut)
    #expect(known.count == ProbeLog.read(bytes).count - 1)
    #expect(ProbeLog.wholeLines(cut) < cut.count && ProbeLog.wholeLines(bytes) == bytes.count)
    let (resumed, whole) = (try Self.run(text, known: known), try Self.run(text))
    #expect(Self.findings(resumed) == Self.findings(whole))
    #expect(resumed.counts.known == known.count)
    #expect(resumed.counts.trained == whole.counts.trained - known.count)
    #expect(resumed.counts.steps == whole.counts.steps - known.values.reduce(0) { $0 + $1.steps })
  }

  @Test func aCellThatFailsLeavesTheOthersAndIsNamed() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "emc-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    // No mirror is there, so what would have to be fetched can't be.
    let library = DatasetLibrary(directory: folder, mirror: folder.path)
    let text = #"""
      {"base": {"model": {"kind": "linear"}, "training": {"max_steps": 50}, "search": {"max_probes": 4}},
       "axes": [{"pointer": "/dataset", "values": [{"name": "gaussian", "dimensions": 4, "classes": 2}, {"name": "mnist"}],
                 "labels": ["gaussian", "mnist"]}]}
      """#
    let study = LocalStudy(
      try StudySpecificationTests.admit(text), library: library, workers: 1, memoryLimit: 1 << 30
    ).run()
    #expect(study.cells.map(\.hasEnded) == [true, false])
    let json = study.json()
    #expect(json["state"] == .string("failed"))
    let cells = json["comparison"]?["cells"]?.arrayValue
    #expect(cells?[0]["missing"] == .null && cells?[1]["missing"]?.stringValue?.contains("mnist") == true)
    let report = StudyReport(json).text
    #expect(report.contains("missing: ") && report.contains("**Failed**\n\n- mnist: "), "\(report)")
  }

  /// A cell that failed with runs of its own is told as that, not as one that somebody stopped.
  @Test func aCellThatFailsLaterIsNoInterruptedOne() throws {
    let whole = try Self.run(Self.text(axes: Self.widths))
    let first = whole.cells[0]
    let failed = StudyResult(
      specification: whole.specification, source: nil,
      cells: [
        MeasuredCell(cell: first.cell, plan: first.plan, probes: first.probes, outcome: .failed("no room"))
      ] + whole.cells.dropFirst(), counts: whole.counts, seconds: 1)
    #expect(failed.comparison.cells.map(\.incomplete) == ["failed", nil])
    #expect(StudyReport(failed.json()).text.contains("**Failed**\n\n- \(first.cell.label): no room"))
  }

  /// What people write is text in a report, whatever it looks like.
  @Test func aReportHasItsFiguresAndNoMarkupOfOthers() throws {
    let study = try Self.run(
      Self.text(
        axes: #"{"pointer": "/model/hidden/0", "values": [2, 6], "labels": ["<b>a|b</b>", "x\n# y"]}"#))
    let named = study.json().merging(.object(["name": .string("one\n# two *three*")]))
    let text = StudyReport(named, figures: [("comparison.svg", "comparison")]).text
    let lines = text.split(separator: "\n")
    #expect(lines.first == #"# one # two \*three\*"#)
    #expect(lines.count { $0.hasPrefix("# ") } == 1 && !text.contains("<b>"))
    #expect(lines.contains("![comparison](comparison.svg)"))
    #expect(lines.contains { $0.hasPrefix(#"| &lt;b>a\|b&lt;/b> | "#) })
    #expect(!text.contains("not trained any more"))
  }

  @Test func rowsHaveTheColumnsOfEveryExport() throws {
    let study = try Self.run(Self.text(axes: Self.widths))
    let lines = String(decoding: study.csv, as: UTF8.self).split(separator: "\r\n")
    #expect(lines.count == 3)
    let header = lines[0].split(separator: ",").map(String.init)
    for name in [
      "emc", "interval.lower", "interval.upper", "settled", "specification.seed", "specification.model.kind",
      "specification.labels.kind",
      "specification.model.hidden.0",
    ] {
      #expect(header.contains(name), "\(name)")
    }
    #expect(study.rows.map { $0["emc"] } == study.cells.map { $0.estimate.map(JSONValue.integer) ?? .null })
  }
}

extension MeasuredCell {
  fileprivate var estimate: Int? {
    guard case .ended(let result) = outcome else { return nil }
    return result.estimate.emc
  }
}
