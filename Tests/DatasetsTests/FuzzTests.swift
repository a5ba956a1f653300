import Compute
@_spi(Fuzzing) import Datasets
import Foundation
import Testing

/// Mutations of real files through every parser, the same ones every time. `Benchmarks/Fuzz` searches further.
@Suite("Hostile files")
struct FuzzTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Well-formed files of each kind.
  static func seeds(_ parser: FileParser) throws -> [[UInt8]] {
    switch parser {
    case .idx: [try inflated("mnist/t10k-images-idx3-ubyte.gz", prefix: 16 + 784, items: 1)]
    case .gzip: [try Fixtures.bytes("mnist/t10k-labels-idx1-ubyte.gz"), gzip([]), gzip([1, 2]) + gzip([3])]
    case .xz: [try Fixtures.bytes("cases/tar/plain.tar.xz")]
    case .zstd: [try Fixtures.bytes("archives/two.tar.zst")]
    case .images:
      try ["archives/two.tar.zst", "archives/two.zip", "archives/two.tar"].map { try Fixtures.bytes($0) }
    case .tar:
      [
        Tar.archive([("a/b.jpg", [1, 2, 3]), ("c", [])]),
        Tar.member("x", Array("18 path=long/name\n".utf8), type: UInt8(ascii: "x"))
          + Tar.archive([("y", [1])]),
        Tar.member("x", Array("long\0".utf8), type: UInt8(ascii: "L")) + Tar.archive([("y", [1])]),
      ]
    case .cifar10:
      [
        Tar.archive([
          ("data_batch_1.bin", [UInt8](repeating: 3, count: 3_073)),
          ("test_batch.bin", [UInt8](repeating: 4, count: 3_073)),
        ])
      ]
    case .cifar100:
      [
        Tar.archive([
          ("train.bin", [UInt8](repeating: 3, count: 3_074)),
          ("test.bin", [UInt8](repeating: 4, count: 3_074)),
        ])
      ]
    case .csv:
      [
        Array(try Fixtures.bytes("adult/adult.data").split(separator: 10).prefix(30).joined(separator: [10])),
        Array("\u{feff}a,\"b \"\"c\"\"\",y\r\n1,\"x, \r\nz\",p\r\n\r\n2,plain , q\r\n-1e3,?,p\n".utf8),
      ]
    case .table:
      [
        [0, 0, 0, 0] + Array("a;b;y\n1,5;u;p\n2,25;;q\n;v;p\n3,0;u;q\n".utf8),
        [5, 0, 0, 0] + Array("a,b,y\n1,u,p\n2,v,q\n".utf8),
      ]
    case .mat:
      [
        FurtherDatasetTests.mat(
          [
            FurtherDatasetTests.matrix("X", [2, 2, 3, 5], [UInt8](repeating: 7, count: 60)),
            FurtherDatasetTests.matrix("y", [5, 1], [1, 2, 3, 4, 10]),
          ], isCompressed: true),
        FurtherDatasetTests.mat(
          [
            FurtherDatasetTests.matrix("X", [2, 2, 3, 5], [UInt8](repeating: 7, count: 60)),
            FurtherDatasetTests.matrix("y", [5, 1], [1, 2, 3, 4, 10]),
          ], isCompressed: false),
      ]
    case .npy:
      try ["arrays/f4", "arrays/i8", "arrays/own-double-quotes", "cases/npz/dataframe_values"].map {
        try Fixtures.bytes("\($0).npy")
      }
    case .npz:
      try ["own-channels-last", "own-fortran-images", "own-one-hot", "own-text-labels"].map {
        try Fixtures.bytes("arrays/\($0).npz")
      }
    case .image:
      try [
        "grey.jpg", "progressive.jpg", "rgb.png", "palette.png", "lossy.webp", "animated.webp", "plain.gif",
        "colour.bmp", "masks.bmp", "tiff_lzw.tif", "jpeg.tif", "one-bit.tif", "orientation-6.jpg",
      ].map { try Fixtures.bytes("images/\($0)") }
    case .block: [try block()]
    case .checksums: [Array((String(repeating: "0a", count: 32) + "  name\n").utf8)]
    }
  }

  /// One item of an IDX file, with the number of items made to fit.
  private static func inflated(_ name: String, prefix: Int, items: Int) throws -> [UInt8] {
    [0, 0, 8, 3] + bigEndian(items) + bigEndian(28) + bigEndian(28)
      + (0..<prefix - 16).map { UInt8(truncatingIfNeeded: $0 * 31) }
  }

  private static func block() throws -> [UInt8] {
    let folder = try TemporaryFolder()
    let library = DatasetLibrary(directory: folder.url)
    let table = try folder.write(Array("a,b,y\n1,2,0\n3,4,1\n".utf8), "table.csv")
    let entry = try library.add(name: "table", format: .csv(TableOptions()), contentsOf: table).dataset
    return Array(try Data(contentsOf: folder.url.appending(path: "blocks/content-\(entry.digest).block")))
  }

  static func mutated(_ seed: [UInt8], _ stream: inout RandomStream) -> [UInt8] {
    var bytes = seed
    for _ in 0...Int(stream.below(4)) {
      guard !bytes.isEmpty else { break }
      let place = Int(stream.below(UInt64(bytes.count)))
      let length = min(bytes.count - place, 1 + Int(stream.below(8)))
      switch stream.below(7) {
      case 0: bytes[place] ^= 1 << UInt8(stream.below(8))
      case 1: bytes[place] = UInt8(truncatingIfNeeded: stream.next())
      case 2: bytes.replaceSubrange(place..<place + length, with: [UInt8](repeating: 0xff, count: length))
      case 3: bytes.replaceSubrange(place..<place + length, with: [UInt8](repeating: 0, count: length))
      case 4: bytes.removeSubrange(place..<place + length)
      case 5: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
      default: bytes.removeSubrange(place...)
      }
    }
    return bytes
  }

  @Test("a well-formed file of each kind is read", arguments: FileParser.allCases)
  func wellFormed(parser: FileParser) throws {
    for seed in try Self.seeds(parser) { try parser.parse(seed, in: folder.path) }
  }

  @Test("mutated files are read or refused, and leave nothing behind", arguments: FileParser.allCases)
  func mutations(parser: FileParser) throws {
    var refused = 0
    for (number, seed) in try Self.seeds(parser).enumerated() {
      for index in 0..<300 {
        var stream = RandomStream(seed: 1, purpose: .perturbation, samples: number, index: index)
        do { try parser.parse(Self.mutated(seed, &stream), in: folder.path) } catch { refused += 1 }
      }
    }
    #expect(refused > 20)
    let left = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0 != "blocks" }
    #expect(left.isEmpty)
  }

  @Test(
    "a file cut anywhere is refused",
    arguments: [FileParser.idx, .gzip, .xz, .zstd, .tar, .cifar10, .cifar100, .npy, .npz, .image, .block])
  func truncation(parser: FileParser) throws {
    let seed = try Self.seeds(parser)[0]
    // Of a tar's two closing blocks one is enough.
    let end = parser == .tar || parser == .cifar10 || parser == .cifar100 ? seed.count - 1_024 : seed.count
    let step = max(1, end / 200)
    let cuts = Set(stride(from: 1, to: end, by: step)).union(1..<min(end, 40)).union(max(1, end - 8)..<end)
    for cut in cuts {
      #expect(throws: DatasetError.self, "cut at \(cut) of \(seed.count)") {
        try parser.parse(Array(seed.prefix(cut)), in: folder.path)
      }
    }
  }

  @Test(
    "names that leave the folder, links, devices and lying sizes are refused",
    arguments: [
      HostileMember("up", Tar.member("../up", [1])), HostileMember("from the root", Tar.member("/root", [1])),
      HostileMember("out and back", Tar.member("a/../../b", [1])),
      HostileMember("no name", Tar.member("a//b", [1])),
      HostileMember("link", Tar.member("link", [], type: UInt8(ascii: "2"))),
      HostileMember("hard link", Tar.member("hard", [], type: UInt8(ascii: "1"))),
      HostileMember("device", Tar.member("device", [], type: UInt8(ascii: "3"))),
      HostileMember("huge", Tar.member("huge", [1], size: "77777777777")),
      HostileMember("no size", Tar.member("size", [1], size: "9x")),
      HostileMember(
        "negative size", Tar.member("x", Array("9 size=-1\n".utf8), type: UInt8(ascii: "x"))),
      HostileMember(
        "long record", Tar.member("x", Array("99 path=a\n".utf8), type: UInt8(ascii: "x"))),
    ])
  func hostileTar(member: HostileMember) throws {
    #expect(throws: DatasetError.self) {
      try FileParser.tar.parse(member.bytes + Tar.archive([("good", [1])]), in: folder.path)
    }
  }

  @Test("a gzip bomb ends at the limit")
  func gzipBomb() throws {
    let error = try datasetError {
      try FileParser.gzip.parse(gzip([UInt8](repeating: 0, count: 20 << 20)), in: folder.path)
    }
    guard case .limitExceeded = error else { throw error }
  }
}

/// A member of an archive that is refused, with a name for the log instead of its bytes.
struct HostileMember: CustomTestStringConvertible {
  let testDescription: String
  let bytes: [UInt8]

  init(_ testDescription: String, _ bytes: [UInt8]) {
    self.testDescription = testDescription
    self.bytes = bytes
  }
}
