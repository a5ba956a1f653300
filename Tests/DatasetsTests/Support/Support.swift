import CZlib
import Datasets
import Foundation
import Testing

/// A folder that is removed again.
final class TemporaryFolder: Sendable {
  let url: URL
  var path: String { url.path }

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "emc-datasets-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  @discardableResult
  func write(_ bytes: [UInt8], _ name: String) throws -> String {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file.path
  }
}

/// The small real inputs beside the tests, laid out as a mirror without checksums of its own.
enum Fixtures {
  static let url = Bundle.module.resourceURL!.appending(path: "Fixtures")

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: url.appending(path: name)))
  }

  /// A copy of one data set's files as a mirror with a `SHA256SUMS` that fits them.
  static func mirror(_ datasets: String..., in folder: TemporaryFolder) throws -> String {
    for dataset in datasets {
      let source = url.appending(path: dataset)
      var sums = ""
      for name in try FileManager.default.contentsOfDirectory(atPath: source.path) {
        let bytes = try Fixtures.bytes("\(dataset)/\(name)")
        try folder.write(bytes, "mirror/\(dataset)/\(name)")
        sums += "\(try sha256(bytes))  \(name)\n"
      }
      try folder.write(Array(sums.utf8), "mirror/\(dataset)/SHA256SUMS")
    }
    return folder.url.appending(path: "mirror").absoluteString
  }
}

/// The folder of the whole data sets: `EMC_SHARED_DIRECTORY`, or `shared` beside the repository.
let wholeDataDirectory: String? = {
  let environment = ProcessInfo.processInfo.environment["EMC_SHARED_DIRECTORY"]
  let besideRepository = URL(filePath: FileManager.default.currentDirectoryPath)
    .appending(path: "../shared").standardized.path
  let found = [environment, besideRepository].compactMap { $0 }
    .map { $0 + "/data" }.first { FileManager.default.fileExists(atPath: $0) }
  if found == nil { print("skipped: no whole data sets (set EMC_SHARED_DIRECTORY to have them tested)") }
  return found
}()

func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var stream = z_stream()
  deflateInit2_(
    &stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  defer { deflateEnd(&stream) }
  var input = bytes
  return [UInt8](unsafeUninitializedCapacity: Int(deflateBound(&stream, UInt(bytes.count)))) {
    output, count in
    input.withUnsafeMutableBufferPointer { input in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      stream.next_out = output.baseAddress
      stream.avail_out = UInt32(output.count)
      let status = deflate(&stream, Z_FINISH)
      precondition(status == Z_STREAM_END)
      count = output.count - Int(stream.avail_out)
    }
  }
}

func bigEndian(_ value: Int, bytes: Int = 4) -> [UInt8] {
  (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}

/// The error that `body` throws.
func datasetError(_ body: () throws -> Void) throws -> DatasetError {
  do { try body() } catch let error as DatasetError { return error }
  throw NoError()
}

struct NoError: Error {}

/// SHA-256 as coreutils compute it, apart from the library that the product uses.
func sha256(_ bytes: [UInt8]) throws -> String {
  let folder = try TemporaryFolder()
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/sha256sum")
  process.arguments = [try folder.write(bytes, "content")]
  let output = Pipe()
  process.standardOutput = output
  try process.run()
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return String(text.prefix(64))
}

/// The CRC-32 of PNG and zip.
func crc(_ bytes: [UInt8]) -> UInt {
  bytes.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
}
