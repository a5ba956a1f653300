import ArgumentParser
import Capacity
import Datasets
import Foundation

/// Where a specification is read from.
struct SpecificationOption: ParsableArguments {
  @Option(help: ArgumentHelp("The specification, a JSON file; - reads standard input.", valueName: "file"))
  var specification: String

  /// Reads and checks it; it may name the library's data sets and files of this machine.
  func admit(_ library: DatasetLibrary, memoryLimit: Int) throws -> Admission {
    try Admission(
      json: JSONValue(parsing: InputFile(path: specification, option: "--specification").bytes()),
      datasets: DatasetResolver(library: library, documents: .operators),
      memoryLimit: memoryLimit)
  }
}
