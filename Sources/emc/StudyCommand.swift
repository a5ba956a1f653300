import ArgumentParser
import Capacity
import Datasets
import Foundation
import Service
import Synchronization

/// `emc study`: measurements that vary a specification, with the comparison between them; no server, no database.
struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Run a study here: measurements that vary a specification, and the comparison between them.",
    discussion: """
      The study goes to standard output as JSON, progress to standard error. With --output it is also written to a folder: \
      study.json, results.csv, report.md, figures as *.svg, and every probe in probes.ndjson, from which the same command \
      goes on after Ctrl-C (exit code 130), a crash, or with more values.
      """)

  @Option(help: ArgumentHelp("The study, a JSON file; - reads standard input.", valueName: "file"))
  var specification: String?

  @Option(help: "A study that is at hand by its name; --presets lists them.")
  var preset: String?

  @Option(help: "Of a preset: quick, standard or paper [quick].")
  var scale: String?

  @Option(help: "The seed of every cell.")
  var seed: Int?

  @Option(help: ArgumentHelp("A folder for what comes out; it may exist.", valueName: "directory"))
  var output: String?

  @Flag(help: "Check the study, list its cells with what they are expected to cost, and train nothing.")
  var dryRun = false

  @Flag(help: "List the presets with their questions.")
  var presets = false

  @Option(help: "Probes trained at once. EMC_WORKERS; default: one a core.")
  var workers: Int?

  @OptionGroup var memory: MemoryOption

  @OptionGroup var data: DataOptions

  func run() throws {
    if presets { return Console.show(Self.list) }
    let workers = try Environment.workers(workers, atLeast: 1)
    let (library, memoryLimit) = (data.library, try memory.limit())
    let admission = try StudyAdmission(
      json: document(), presets: .embedded,
      datasets: DatasetResolver(library: library, documents: .operators), memoryLimit: memoryLimit)
    if dryRun {
      return Console.show(admission.json.merging(try CostForecast(admission.cells, workers: workers).json))
    }
    let folder = try output.map { try StudyFolder(path: $0) }
    let progress = StudyProgressDisplay(cells: admission.cells.count)
    InterruptSignal.watch()
    var report = LocalStudy.Report()
    report.onProbe = { digest, probe in folder?.append(digest, probe) }
    report.onProgress = { progress.show($0, $1) }
    report.onCell = { progress.ended($0) }
    let result = LocalStudy(admission, library: library, workers: workers, memoryLimit: memoryLimit).run(
      known: folder?.known ?? [:], shouldStop: { InterruptSignal.hasCome }, report: report)
    if admission.cells.count > Self.quicklyCompared {
      Console.report("emc: comparing \(admission.cells.count) cells")
    }
    let preset = admission.source.flatMap { StudyPresets.embedded[$0.preset] }
    let json = result.json(preset: preset)
    Console.show(json)
    try folder?.write(result, json)
    if InterruptSignal.hasCome { throw InterruptSignal.exitCode }
    if result.cells.contains(where: \.hasFailed) { throw ExitCode(1) }
  }

  /// Cells whose comparison nobody waits for.
  private static let quicklyCompared = 64

  private static var list: JSONValue {
    .object([
      "items": .array(
        StudyPresets.embedded.all.map { preset in
          .object(preset.description)
        })
    ])
  }

  /// The study's document as a client would send it.
  private func document() throws -> JSONValue {
    var members: [String: JSONValue] = [:]
    switch (specification, preset) {
    case (let file?, nil):
      if scale != nil { throw WrongUsage(description: "--scale belongs to --preset, and there is none") }
      let study = try JSONValue(parsing: InputFile(path: file, option: "--specification").bytes())
      guard let seed else { return study }
      if study["axes"]?.arrayValue?.contains(where: { $0["pointer"] == .string("/seed") }) == true {
        throw WrongUsage(description: "--seed stands beside an axis over /seed; allowed: one of them")
      }
      let field = study["preset"] == nil ? ["base", "seed"] : ["seed"]
      return study.replacing(JSONPointer(tokens: field), with: .integer(seed)) ?? study
    case (nil, let name?):
      members["preset"] = .string(name)
      members["scale"] = scale.map(JSONValue.string)
      members["seed"] = seed.map(JSONValue.integer)
      return .object(members)
    default:
      throw WrongUsage(
        description: "a study is named by one of --specification and --preset; --presets lists what there is")
    }
  }
}

/// The folder that a study is written to.
private final class StudyFolder: Sendable {
  let known: [String: ProbeResult]
  private let url: URL
  private let probes: FileHandle
  /// Where the last whole line ends; nil where a line could not be written.
  private let end: Mutex<UInt64?>

  /// - Throws: `WrongUsage` where the folder can't be made or its probes can't be read.
  init(path: String) throws {
    guard !path.isEmpty else {
      throw WrongUsage(description: "--output: no folder is named; allowed: a folder, . for this one")
    }
    url = URL(filePath: path, directoryHint: .isDirectory)
    let file = url.appending(path: "probes.ndjson")
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      if !FileManager.default.fileExists(atPath: file.path) { try Data().write(to: file) }
      let text = try Data(contentsOf: file)
      known = ProbeLog.read(text)
      probes = try FileHandle(forWritingTo: file)
      // What a crash has cut short is written over.
      try probes.truncate(atOffset: UInt64(ProbeLog.wholeLines(text)))
      end = Mutex(try probes.seekToEnd())
    } catch {
      throw WrongUsage(
        description: "--output: \(path) can't be written to: \(error.fileReason); allowed: a folder"
      )
    }
  }

  /// Keeps a probe. After one that can't be kept none is: they are trained again by the next run.
  func append(_ digest: String, _ probe: ProbeResult) {
    end.withLock { end in
      guard let before = end else { return }
      do {
        try probes.write(contentsOf: Data(ProbeLog.line(digest, probe)))
        end = try probes.offset()
      } catch {
        // Not a part of a line.
        try? probes.truncate(atOffset: before)
        end = nil
        Console.report(
          "emc: \(url.path)/probes.ndjson can't be written any more: \(error.fileReason); the study goes on, and what it trains "
            + "from here on would be trained again")
      }
    }
  }

  /// Writes the study and its figures.
  ///
  /// - Throws: `OutputNotWritten` for the first file that can't be written.
  func write(_ result: StudyResult, _ json: JSONValue) throws {
    let figures = try StudyFigures(study: json, results: result.results).all
    // Of a study that was there before nothing is to stand beside this one.
    for name in StudyFigures.names where !figures.contains(where: { $0.name == name }) {
      for type in ["svg", "csv"] {
        try? FileManager.default.removeItem(at: url.appending(path: "\(name).\(type)"))
      }
    }
    let report = StudyReport(
      json, figures: figures.map { ("\($0.name).svg", $0.name.replacing("_", with: " ")) })
    let files: [(String, Data)] = [
      ("study.json", Data(json.utf8(pretty: true) + [0x0A])), ("results.csv", Data(result.csv)),
      ("report.md", Data(report.text.utf8)),
    ]
    for (name, content) in files {
      try OutputFile.write(content, to: url.appending(path: name), option: "--output")
    }
    for (name, figure) in figures {
      for (type, text) in [("svg", figure.svg), ("csv", figure.csv)] {
        try OutputFile.write(Data(text.utf8), to: url.appending(path: "\(name).\(type)"), option: "--output")
      }
    }
  }
}
