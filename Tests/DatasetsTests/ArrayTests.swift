import Datasets
import Foundation
import Testing

@Suite("NumPy arrays")
struct ArrayTests {
  let folder: TemporaryFolder
  let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    library = DatasetLibrary(directory: folder.url.appending(path: "data"))
  }

  func open(_ bytes: [UInt8], _ ending: String, _ options: ArrayOptions = ArrayOptions()) throws
    -> any Dataset
  {
    let path = try folder.write(bytes, "\(UUID().uuidString).\(ending)")
    return try library.open(.arrays(path: path, options: options))
  }

  @Test(
    "every type of number, as NumPy writes it",
    arguments: ["f2", "f4", "f8", "f4big", "f8big", "i1", "i2", "i4big", "i8"])
  func types(name: String) throws {
    let samples = try Samples(open(Fixtures.bytes("arrays/\(name).npy"), "npy"))
    let half: Float = name.hasPrefix("f") ? 0.5 : 0
    #expect(samples.values == [[-3, half, 2], [100, 1, 2]])
    #expect(samples.labels == [0, 1])
  }

  @Test("stored images of bytes with a test split; deflated features of doubles")
  func archives() throws {
    let images = try open(Fixtures.bytes("arrays/images.npz"), "npz")
    #expect(images.shape == .image(height: 4, width: 5, channels: 3))
    #expect((images.count, images.count(of: .test)) == (8, 4))
    #expect(try Samples(images).labels == [0, 1, 2, 0, 1, 2, 0, 1])
    let features = try open(Fixtures.bytes("arrays/features.npz"), "npz")
    #expect(features.shape == .features(60))
    // The features are the same bytes over 7.
    let bytes = try Samples(images).pixels[3].map { Float(Double($0) / 7) }
    #expect(try Samples(features).values[3] == bytes)
  }

  @Test(
    "arrays that can't be data are refused",
    arguments: [
      ("fortran", "Fortran"), ("nan", "isn't finite"),
    ])
  func refused(name: String, words: String) throws {
    let error = try datasetError { _ = try open(Fixtures.bytes("arrays/\(name).npy"), "npy") }
    #expect(error.description.contains(words))
  }

  /// A version 1 file with any header.
  func npy(_ header: String, _ content: [UInt8]) -> [UInt8] {
    let text = Array(header.utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count & 255), UInt8(text.count >> 8)] + text
      + content
  }

  @Test(
    "headers that lie are refused before memory is taken",
    arguments: [
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 3), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1000000000), }",
      "{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }",
      "{'descr': '<f16', 'fortran_order': False, 'shape': (2, 3), }",
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }",
      "{'descr': '<f4', 'shape': (2, 3), }", "{}", "",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}",
    ])
  func lyingHeader(header: String) throws {
    let content = [UInt8](repeating: 0, count: 24)
    _ = try datasetError { _ = try open(npy(header, content), "npy") }
  }

  @Test("labels that are negative, fractional, of another number or all the same are refused")
  func labels() throws {
    func archive(_ labels: [UInt8], _ type: String, _ count: Int) throws -> DatasetError {
      let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(count),), }"
      let inputs = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }", [1, 2, 3, 4])
      let zip = Zip.archive([("x.npy", inputs), ("y.npy", npy(header, labels))])
      return try datasetError { _ = try open(zip, "npz") }
    }
    #expect(try archive([0, 255], "|i1", 2).description.contains("label -1"))
    #expect(try archive([0, 0, 0, 0, 0, 0, 0, 63], "<f4", 2).description.contains("no integer"))
    #expect(try archive([0, 1, 1], "|i1", 3).description.contains("for 2 samples"))
    #expect(try archive([1, 1], "|i1", 2).description.contains("single class"))
  }

  @Test("a zip that lies about size or checksum, is cut, or is no zip at all is refused")
  func zip() throws {
    let good = Zip.archive([("x.npy", [1, 2, 3]), ("y.npy", [4])])
    for length in 0..<good.count {
      _ = try datasetError { _ = try open(Array(good.prefix(length)), "npz") }
    }
    // Numbers of the members in the directory that say something huge.
    for offset in [20, 24, 42] {
      var bytes = good
      let directory = bytes.indices.first { Array(bytes[$0...].prefix(4)) == [0x50, 0x4b, 1, 2] }!
      bytes.replaceSubrange(directory + offset..<directory + offset + 4, with: [0xfe, 0xff, 0xff, 0x7f])
      _ = try datasetError { _ = try open(bytes, "npz") }
    }
    var flipped = Zip.archive([
      ("x.npy", npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }", [1, 2, 250, 251])),
      ("y.npy", npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", [0, 1])),
    ])
    flipped[flipped.firstIndex(of: 250)!] = 252
    #expect(try datasetError { _ = try open(flipped, "npz") }.description.contains("checksum"))
    let bomb = Zip.archive(
      [
        (
          "x.npy",
          npy(
            "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 500), }",
            [UInt8](repeating: 0, count: 1_000))
        )
      ],
      statedSize: 1 << 30)
    let error = try datasetError { _ = try open(bomb, "npz") }
    #expect(!error.description.isEmpty)
  }
}
