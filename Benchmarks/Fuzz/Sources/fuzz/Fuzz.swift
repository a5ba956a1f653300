@_spi(Fuzzing) import Datasets
import Foundation

/// The parser that `EMC_FUZZ_PARSER` names; bytes that make it crash are a fault.
private let parser: FileParser = {
  let name = ProcessInfo.processInfo.environment["EMC_FUZZ_PARSER"] ?? ""
  guard let parser = FileParser(rawValue: name) else {
    fatalError("EMC_FUZZ_PARSER must be one of \(FileParser.allCases.map(\.rawValue).joined(separator: ", "))")
  }
  return parser
}()

private let folder: String = {
  let base = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
  let path = "\(base)/emc-fuzz-\(getpid())"
  try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  return path
}()

/// libFuzzer's entry: one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  try? parser.parse(bytes, in: folder)
  return 0
}
