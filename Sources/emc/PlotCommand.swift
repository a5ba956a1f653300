import ArgumentParser
import Capacity
import Foundation

/// `emc plot`: the picture of a result.
struct Plot: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw a measurement: its fit curve with every probe, and the EMC over the budget.",
    discussion: """
      Reads a result as emc measure prints it, or a job as GET /v1/jobs/{id} answers it, and writes self-contained SVG to \
      standard output: light, dark or for print, as its reader has it. Of a study, as emc study prints it, the EMC over \
      parameters or the comparison of its cells is drawn.
      """)

  @Argument(help: ArgumentHelp("The result, a JSON file; - reads standard input.", valueName: "result"))
  var result: String

  @Option(name: .shortAndLong, help: ArgumentHelp("Where the picture goes instead.", valueName: "file"))
  var output: String?

  @Option(help: ArgumentHelp("Also write the numbers that are drawn, as CSV.", valueName: "file"))
  var data: String?

  func validate() throws {
    if let output, let data,
      URL(filePath: output).standardizedFileURL == URL(filePath: data).standardizedFileURL
    {
      throw ValidationError("--output and --data are the same file, \(output); allowed: two files")
    }
  }

  func run() throws {
    let file = InputFile(path: result)
    let figure = try figure(of: document(file), in: file)
    if let data { try OutputFile.write(Data(figure.csv.utf8), to: URL(filePath: data), option: "--data") }
    if let output {
      try OutputFile.write(Data(figure.svg.utf8), to: URL(filePath: output), option: "--output")
    } else {
      writeOutput(figure.svg)
    }
  }

  private func document(_ file: InputFile) throws -> JSONValue {
    let text = try file.bytes()
    do {
      return try JSONValue(parsing: text)
    } catch {
      throw WrongUsage(description: "\(file.name) is no JSON: \(error)")
    }
  }

  private func figure(of document: JSONValue, in file: InputFile) throws -> any Figure {
    do {
      if document["comparison"] != nil { return try StudyFigures(study: document).main }
      return try MeasurementFigure(document)
    } catch {
      throw WrongUsage(description: "\(file.name) is no result:\n\(error)")
    }
  }
}
