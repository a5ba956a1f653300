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
      json: JSONValue(parsing: SpecificationFile(path: specification).bytes()),
      datasets: DatasetResolver(library: library, documents: .operators),
      memoryLimit: memoryLimit)
  }
}

/// A file with a specification; - stands for standard input.
struct SpecificationFile {
  let path: String

  /// - Throws: `WrongUsage` where it can't be read.
  func bytes() throws -> Data {
    if path == "-" { return FileHandle.standardInput.readDataToEndOfFile() }
    do {
      return try Data(contentsOf: URL(filePath: path))
    } catch {
      throw WrongUsage(
        description: "--specification: the file \(path) can't be read: \(error.localizedDescription)"
      )
    }
  }
}
