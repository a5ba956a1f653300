import Datasets
import Foundation
import Testing

@Suite("MNIST")
struct DigitImagesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func library(_ mirror: String?) -> DatasetLibrary {
    DatasetLibrary(directory: folder.url.appending(path: "data"), mirror: mirror)
  }

  @Test("the first labels are 5 0 4 1 9 2 1 3 1 4 and pixels are those of the file over 255")
  func content() throws {
    let dataset = try library(Fixtures.mirror("mnist", in: folder)).open(.mnist)
    #expect(dataset.shape == .image(height: 28, width: 28, channels: 1))
    #expect(dataset.classes == 10)
    #expect(dataset.count == 500)
    #expect(dataset.count(of: .test) == 100)
    let samples = try Samples(dataset)
    let (pixels, labels) = (samples.pixels, samples.labels)
    #expect(labels.prefix(10) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    // The first digit's pixel sum, from the published file.
    #expect(pixels[0].reduce(0) { $0 + Int($1) } == 27_525)
    #expect(try Samples(dataset, .test).labels.prefix(5) == [7, 2, 1, 0, 4])
  }

  @Test("standardised inputs have mean 0 and deviation 1 over the whole split")
  func standardised() throws {
    let dataset = try library(Fixtures.mirror("mnist", in: folder)).open(.mnist)
    let subset = try dataset.subset(samples: 500, key: SubsetKey(seed: 1, samples: 500, replicate: 0))
    let values = subset.inputs.array.map(Double.init)
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    #expect(abs(mean) < 1e-6)
    #expect(abs(variance - 1) < 1e-5)
  }

  @Test("the digest is that of the decoded content, and stays when the cache is read again")
  func digest() throws {
    let mirror = try Fixtures.mirror("mnist", in: folder)
    let first = try library(mirror).open(.mnist)
    var content: [UInt8] = []
    for split in Split.allCases {
      let samples = try Samples(first, split)
      content += samples.pixels.flatMap { $0 }
      content += samples.labels.flatMap { [UInt8($0), 0, 0, 0] }
    }
    content += Array("emc-dataset/1 element=uint8 shape=28×28×1 classes=10 train=500 test=100".utf8)
    #expect(try first.digest == sha256(content))
    // The cache answers without any mirror.
    #expect(try library("file:///nonexistent").open(.mnist).digest == first.digest)
  }

  @Test("published checksums hold for a mirror that states none; its own hold where it does")
  func checksums() throws {
    let mirror = try Fixtures.mirror("mnist", in: folder)
    try FileManager.default.removeItem(at: folder.url.appending(path: "mirror/mnist/SHA256SUMS"))
    let error = try datasetError { _ = try library(mirror).open(.mnist) }
    guard case .wrongChecksum(_, let expected, _) = error else { throw error }
    #expect(expected == "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/data/blocks/mnist.block"))
  }

  @Test("a file that differs from the mirror's checksum is refused and nothing is kept")
  func corrupted() throws {
    let mirror = try Fixtures.mirror("mnist", in: folder)
    var bytes = try Fixtures.bytes("mnist/train-labels-idx1-ubyte.gz")
    bytes[bytes.count / 2] ^= 1
    try folder.write(bytes, "mirror/mnist/train-labels-idx1-ubyte.gz")
    let error = try datasetError { _ = try library(mirror).open(.mnist) }
    guard case .wrongChecksum(let file, _, _) = error else { throw error }
    #expect(file.hasSuffix("train-labels-idx1-ubyte.gz"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/blocks").isEmpty)
  }

  @Test("a missing mirror and a directory that can't be made are one-line errors that name them")
  func unreachable() throws {
    let missing = try datasetError { _ = try library("file:///nonexistent").open(.mnist) }
    guard case .unreachable(let address, _) = missing else { throw missing }
    #expect(address == "file:///nonexistent/mnist/train-images-idx3-ubyte.gz")
    #expect(missing.description.contains("EMC_DATASET_MIRROR"))
    try folder.write([0], "file")
    let blocked = DatasetLibrary(directory: folder.url.appending(path: "file/data"), mirror: nil)
    let error = try datasetError { _ = try blocked.open(.mnist) }
    guard case .directoryNotWritable = error else { throw error }
    for error in [missing, error] { #expect(!error.description.contains("\n")) }
  }
}
