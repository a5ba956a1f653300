import Datasets
import Foundation
import Testing

@Suite("CIFAR")
struct CIFARTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func library(_ mirror: String?) -> DatasetLibrary {
    DatasetLibrary(directory: folder.url.appending(path: "data"), mirror: mirror)
  }

  /// A mirror with one archive and its checksum.
  func mirror(_ dataset: String, _ file: String, _ archive: [UInt8]) throws -> String {
    let packed = gzip(archive)
    try folder.write(packed, "mirror/\(dataset)/\(file)")
    try folder.write(Array("\(try sha256(packed))  \(file)\n".utf8), "mirror/\(dataset)/SHA256SUMS")
    return folder.path + "/mirror"
  }

  /// A record of the binary version: labels, then the red, green and blue planes.
  func record(_ labels: [UInt8], _ start: Int) -> [UInt8] {
    labels + (0..<3_072).map { UInt8(truncatingIfNeeded: start + $0 * 7) }
  }

  /// The same pixels, channels interleaved.
  func interleaved(_ start: Int) -> [UInt8] {
    (0..<1_024).flatMap { pixel in (0..<3).map { UInt8(truncatingIfNeeded: start + ($0 * 1_024 + pixel) * 7) }
    }
  }

  @Test("planes of the published file become interleaved pixels; batches in their order")
  func ten() throws {
    let dataset = try library(Fixtures.mirror("cifar10", in: folder)).open(.cifar10)
    #expect(dataset.shape == .image(height: 32, width: 32, channels: 3))
    #expect(dataset.count == 40)
    #expect(dataset.count(of: .test) == 20)
    // The labels as Python's tarfile reads them from the same archive.
    #expect(try Samples(dataset).labels.prefix(10) == [3, 3, 6, 4, 8, 8, 7, 6, 8, 0])
    #expect(try Samples(dataset).labels.suffix(20).prefix(5) == [5, 6, 5, 4, 9])
    #expect(try Samples(dataset, .test).labels.prefix(5) == [7, 6, 1, 1, 8])
  }

  @Test("batches are read in order whatever their order in the archive")
  func order() throws {
    let archive = Tar.archive([
      ("cifar-10-batches-bin/test_batch.bin", record([9], 5)),
      ("cifar-10-batches-bin/data_batch_2.bin", record([2], 50)),
      ("cifar-10-batches-bin/data_batch_1.bin", record([1], 100) + record([3], 150)),
    ])
    let dataset = try library(mirror("cifar10", "cifar-10-binary.tar.gz", archive)).open(.cifar10)
    let samples = try Samples(dataset)
    #expect(samples.labels == [1, 3, 2])
    #expect(samples.pixels == [interleaved(100), interleaved(150), interleaved(50)])
  }

  @Test(
    "CIFAR-100 after its description: coarse label, fine label, pixels", arguments: CIFAR100Labels.allCases)
  func hundred(labels: CIFAR100Labels) throws {
    let archive = Tar.archive([
      ("cifar-100-binary/train.bin", record([19, 99], 1) + record([0, 3], 2)),
      ("cifar-100-binary/test.bin", record([4, 50], 3)),
    ])
    let library = library(try mirror("cifar100", "cifar-100-binary.tar.gz", archive))
    let dataset = try library.open(.cifar100(labels))
    #expect(dataset.classes == (labels == .fine ? 100 : 20))
    let samples = try Samples(dataset)
    #expect(samples.labels == (labels == .fine ? [99, 3] : [19, 0]))
    #expect(samples.pixels[1] == interleaved(2))
    #expect(try Samples(dataset, .test).labels == (labels == .fine ? [50] : [4]))
  }

  @Test("a label out of range and a record cut short are refused with the place")
  func broken() throws {
    let wrongLabel = Tar.archive([
      ("data_batch_1.bin", record([1], 0) + record([10], 0)), ("test_batch.bin", record([0], 0)),
    ])
    let error = try datasetError {
      _ = try library(mirror("cifar10", "cifar-10-binary.tar.gz", wrongLabel)).open(.cifar10)
    }
    #expect(error.description.contains("label 10, allowed is 0 to 9"))
    let short = Tar.archive([
      ("data_batch_1.bin", Array(record([1], 0).dropLast())), ("test_batch.bin", record([0], 0)),
    ])
    let second = try datasetError {
      _ = try library(mirror("cifar10", "cifar-10-binary.tar.gz", short)).open(.cifar10)
    }
    #expect(second.description.contains("no whole number of 3073-byte records"))
  }
}
