@_spi(Fuzzing) import Datasets
import Foundation

/// The parser that `EMC_FUZZ_PARSER` names; bytes that make it crash are a fault.
private let parser: FileParser = {
  let name = ProcessInfo.processInfo.environment["EMC_FUZZ_PARSER"] ?? ""
  guard let parser = FileParser(rawValue: name) else {
    let names = FileParser.allCases.map(\.rawValue).joined(separator: ", ")
    fatalError("EMC_FUZZ_PARSER must be one of \(names)")
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

/// libFuzzer's driver, from the runtime that `-sanitize=fuzzer` links.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The package manager links an executable's `main` under this name, and libFuzzer's own gives way to it.
@_cdecl("fuzz_main")
public func fuzzMain(
  _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  var (count, arguments) = (count, arguments)
  return runDriver(&count, &arguments) { testOneInput($0, $1) }
}
