import Datasets
import Foundation
import Testing

/// Archives as this writes them, read by this package's strict reader, by `unzip` and by NumPy itself.
@Suite struct NPZWriterTests {
  private func archive() throws -> Data {
    var writer = NPZWriter()
    try writer.add("fc.0.weight", NumPyArray(shape: [2, 3], .float32([1, 2, 3, 4, 5, -0.5])))
    try writer.add("deviation", NumPyArray(shape: [1], .float64([.pi])))
    try writer.add("indices", NumPyArray(shape: [3], .int64([0, -7, .max])))
    try writer.add("scalar", NumPyArray(shape: [], .float64([2])))
    try writer.add("empty", NumPyArray(shape: [0, 4], .float32([])))
    try writer.add(file: "probe.json", text: "{\"ü\": 1}")
    return try writer.finish()
  }

  @Test func theHeaderIsNumPys() {
    let npy = NumPyArray(shape: [2, 3], .float32([1, 2, 3, 4, 5, 6])).npy
    #expect(npy.prefix(8) == Data([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]))
    #expect((npy.count - 24) % 64 == 0)
    let header = String(decoding: npy[10..<npy.count - 24], as: UTF8.self)
    #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"))
    #expect(header.hasSuffix(" \n"))
    #expect(Int(npy[8]) | Int(npy[9]) << 8 == header.utf8.count)
    #expect(npy.suffix(24).prefix(8) == Data([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]))
  }

  @Test func equalContentsAreEqualBytes() throws {
    #expect(try archive() == archive())
  }

  @Test func theStrictReaderReadsIt() throws {
    let folder = try TemporaryFolder()
    var writer = NPZWriter()
    let values = (0..<60).map { Float($0) / 7 }
    try writer.add("inputs", NumPyArray(shape: [20, 3], .float32(values)))
    try writer.add("labels", NumPyArray(shape: [20], .int64((0..<20).map { $0 % 4 })))
    // The reader checks sizes and checksums as it goes.
    let path = try folder.write([UInt8](writer.finish()), "written.npz")
    let samples = try Samples(
      DatasetLibrary(directory: folder.url.appending(path: "data"))
        .open(.arrays(path: path, options: ArrayOptions())))
    #expect(samples.values.flatMap { $0 } == values)
    #expect(samples.labels == (0..<20).map { $0 % 4 })
  }

  @Test func numPyReadsIt() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "npz-\(UUID()).npz")
    defer { try? FileManager.default.removeItem(at: url) }
    try archive().write(to: url)
    let python = Process()
    python.executableURL = URL(filePath: "/usr/bin/env")
    python.arguments = [
      "python3", "-c",
      """
      import sys
      try: import numpy
      except ImportError: sys.exit(77)
      a = numpy.load(sys.argv[1])
      assert a["fc.0.weight"].dtype == numpy.float32 and a["fc.0.weight"].tolist() == [[1, 2, 3], [4, 5, -0.5]]
      assert a["deviation"].tolist() == [numpy.pi] and a["scalar"].shape == () and a["empty"].shape == (0, 4)
      assert a["indices"].dtype == numpy.int64 and a["indices"].tolist() == [0, -7, 2**63 - 1]
      import zipfile
      z = zipfile.ZipFile(sys.argv[1])
      assert z.testzip() is None and z.read("probe.json").decode() == '{"\\u00fc": 1}'
      """,
      url.path,
    ]
    do { try python.run() } catch { return print("skipped: no python3") }
    python.waitUntilExit()
    if python.terminationStatus == 77 { return print("skipped: no NumPy") }
    #expect(python.terminationStatus == 0)
  }
}
