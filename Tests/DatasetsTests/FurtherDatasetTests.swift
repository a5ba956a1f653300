import CZlib
import Datasets
import Foundation
import Testing

/// Published data sets from files written after their authors' descriptions.
@Suite("Further data sets of the catalogue")
struct FurtherDatasetTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A mirror of one data set with the checksums of its files, which are not the published ones.
  func open(_ dataset: DatasetReference, _ files: [(String, [UInt8])]) throws -> any Dataset {
    var sums = ""
    for (name, bytes) in files {
      try folder.write(bytes, "mirror/\(dataset.name)/\(name)")
      sums += "\(try sha256(bytes))  \(name)\n"
    }
    try folder.write(Array(sums.utf8), "mirror/\(dataset.name)/SHA256SUMS")
    return try DatasetLibrary(
      directory: folder.url.appending(path: "data"), mirror: folder.path + "/mirror"
    ).open(dataset)
  }

  // MARK: MAT-files

  static func little(_ value: Int, _ count: Int) -> [UInt8] { bigEndian(value, bytes: count).reversed() }

  /// One data element with its tag, padded to eight bytes.
  static func element(_ type: Int, _ bytes: [UInt8]) -> [UInt8] {
    little(type, 4) + little(bytes.count, 4) + bytes + [UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8)
  }

  /// A matrix of bytes: flags, sizes, name (in the small form where it is short), elements.
  static func matrix(_ name: String, _ sizes: [Int], _ bytes: [UInt8], type: Int = 2) -> [UInt8] {
    let small =
      little(name.utf8.count << 16 | 1, 4) + Array(name.utf8)
      + [UInt8](repeating: 0, count: 4 - name.utf8.count)
    let content =
      element(6, [9, 0, 0, 0, 0, 0, 0, 0]) + element(5, sizes.flatMap { little($0, 4) }) + small
      + element(type, bytes)
    return little(14, 4) + little(content.count, 4) + content
  }

  static func mat(_ matrices: [[UInt8]], isCompressed: Bool) -> [UInt8] {
    var file = Array("MATLAB 5.0 MAT-file".utf8)
    file += [UInt8](repeating: 32, count: 124 - file.count) + [0, 1] + Array("IM".utf8)
    for matrix in matrices {
      guard isCompressed else {
        file += matrix
        continue
      }
      var size = compressBound(UInt(matrix.count))
      var packed = [UInt8](repeating: 0, count: Int(size))
      compress(&packed, &size, matrix, UInt(matrix.count))
      file += little(15, 4) + little(Int(size), 4) + packed.prefix(Int(size))
    }
    return file
  }

  @Test("house numbers: MAT-files with columns first, 10 for the digit 0", arguments: [true, false])
  func svhn(isCompressed: Bool) throws {
    // Pixel (row, column, channel) of image n is a number that tells all four.
    func pixel(_ row: Int, _ column: Int, _ channel: Int, _ image: Int) -> UInt8 {
      UInt8(truncatingIfNeeded: row * 7 + column * 3 + channel * 101 + image * 13)
    }
    func file(_ labels: [Int]) -> [UInt8] {
      var x: [UInt8] = []
      for image in labels.indices {
        for channel in 0..<3 {
          for column in 0..<32 { for row in 0..<32 { x.append(pixel(row, column, channel, image)) } }
        }
      }
      return Self.mat(
        [
          Self.matrix("X", [32, 32, 3, labels.count], x),
          Self.matrix("y", [labels.count, 1], labels.map { UInt8($0) }),
        ], isCompressed: isCompressed)
    }
    let dataset = try open(
      .svhn, [("train_32x32.mat", file([1, 10, 2, 9, 3, 5])), ("test_32x32.mat", file([10, 4, 7, 8, 6]))])
    #expect(dataset.shape == .image(height: 32, width: 32, channels: 3) && dataset.classes == 10)
    let samples = try Samples(dataset)
    #expect(samples.labels == [1, 0, 2, 9, 3, 5])
    #expect(try Samples(dataset, .test).labels == [0, 4, 7, 8, 6])
    for (row, column, channel, image) in [(0, 0, 0, 0), (31, 2, 1, 1), (5, 30, 2, 4)] {
      #expect(samples.pixels[image][(row * 32 + column) * 3 + channel] == pixel(row, column, channel, image))
    }
  }

  @Test("MAT-files that break their form are refused")
  func brokenMAT() throws {
    let good = Self.mat(
      [Self.matrix("X", [32, 32, 3, 5], [UInt8](repeating: 1, count: 15_360))], isCompressed: false)
    let files: [[UInt8]] = [
      Array(good.prefix(100)), Array(good.prefix(1_000)), good,
      Self.mat([Self.matrix("X", [32, 32, 3, 6], [UInt8](repeating: 1, count: 15_360))], isCompressed: true),
      Array("MATLAB 7.3 MAT-file".utf8) + [UInt8](repeating: 0, count: 200),
    ]
    for (number, file) in files.enumerated() {
      #expect(throws: DatasetError.self, "\(number)") {
        _ = try open(.svhn, [("train_32x32.mat", file), ("test_32x32.mat", good)])
      }
    }
  }

  // MARK: EMNIST, STL-10

  @Test("EMNIST: IDX files in a zip, labels by their mapping, images transposed as published")
  func emnist() throws {
    func idx(_ sizes: [Int], _ bytes: [UInt8]) -> [UInt8] {
      gzip([0, 0, 8, UInt8(sizes.count)] + sizes.flatMap { bigEndian($0) } + bytes)
    }
    let image = (0..<784).map { UInt8(truncatingIfNeeded: $0) }
    let mapping = (1...26).map { "\($0) \($0 + 64) \($0 + 96)\n" }.joined()
    let archive = Zip.archive([
      ("gzip/emnist-letters-mapping.txt", Array(mapping.utf8)),
      ("gzip/emnist-letters-train-images-idx3-ubyte.gz", idx([3, 28, 28], image + image + image)),
      ("gzip/emnist-letters-train-labels-idx1-ubyte.gz", idx([3], [1, 26, 3])),
      ("gzip/emnist-letters-test-images-idx3-ubyte.gz", idx([1, 28, 28], image)),
      ("gzip/emnist-letters-test-labels-idx1-ubyte.gz", idx([1], [2])),
    ])
    let dataset = try open(.emnist(.letters), [("gzip.zip", archive)])
    #expect(dataset.classes == 26)
    #expect(try Samples(dataset).labels == [0, 25, 2] && Samples(dataset, .test).labels == [1])
    #expect(try Samples(dataset).pixels[1] == image)
    let error = try datasetError { _ = try open(.emnist(.digits), [("gzip.zip", archive)]) }
    #expect(error.description.contains("emnist-digits"))
  }

  @Test("STL-10: planes that run down their columns, labels from 1")
  func stl10() throws {
    func images(_ count: Int) -> [UInt8] {
      (0..<count).flatMap { image in
        (0..<3).flatMap { channel in
          (0..<96).flatMap { column in
            (0..<96).map { row in UInt8(truncatingIfNeeded: image + channel * 50 + column * 2 + row * 5) }
          }
        }
      }
    }
    let names = ["airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"]
    let archive = Tar.archive([
      ("stl10_binary/test_X.bin", images(1)), ("stl10_binary/test_y.bin", [10]),
      ("stl10_binary/train_X.bin", images(2)), ("stl10_binary/train_y.bin", [1, 7]),
      ("stl10_binary/unlabeled_X.bin", [1, 2, 3]),
      ("stl10_binary/class_names.txt", Array((names.joined(separator: "\n") + "\n").utf8)),
    ])
    let dataset = try open(.stl10, [("stl10_binary.tar.gz", gzip(archive))])
    let samples = try Samples(dataset)
    #expect(samples.labels == [0, 6])
    #expect(try Samples(dataset, .test).labels == [9])
    for (row, column, channel, image) in [(0, 0, 0, 0), (95, 1, 2, 1), (3, 94, 1, 0)] {
      let expected = UInt8(truncatingIfNeeded: image + channel * 50 + column * 2 + row * 5)
      #expect(samples.pixels[image][(row * 96 + column) * 3 + channel] == expected)
    }
  }

  // MARK: Tables

  @Test("HIGGS: the class first, as a decimal; the last of every 22 rows test")
  func higgs() throws {
    let rows = (0..<44).map { row in
      ([row % 2 == 0 ? "1.000000000000000000e+00" : "0.000000000000000000e+00"]
        + (0..<28).map { "\(Double(row * 28 + $0) / 8)e+00" }).joined(separator: ",") + "\n"
    }
    let dataset = try open(.higgs, [("HIGGS.csv.gz", gzip(Array(rows.joined().utf8)))])
    #expect((dataset.count, dataset.count(of: .test), dataset.classes) == (42, 2, 2))
    #expect(dataset.shape == .features(28))
    let samples = try Samples(dataset)
    #expect(samples.labels == (0..<42).map { $0 % 2 == 0 ? 1 : 0 })
    let row: [Float] = (84..<112).map { Float($0) / 8 }
    #expect(samples.values[3] == row)
    #expect(try Samples(dataset, .test).labels == [1, 0])
  }

  @Test("Letter Recognition: the letter first, the last fifth test")
  func letter() throws {
    let rows = (0..<50).map { row in
      "\(UnicodeScalar(UInt8(65 + row % 5))),"
        + (0..<16).map { "\((row * 3 + $0) % 16)" }.joined(separator: ",") + "\n"
    }
    let dataset = try open(.letter, [("letter-recognition.data", Array(rows.joined().utf8))])
    #expect((dataset.count, dataset.count(of: .test), dataset.classes) == (40, 10, 5))
    #expect(try Samples(dataset).labels == (0..<40).map { Int32($0 % 5) })
    #expect(try Samples(dataset, .test).values[0] == (0..<16).map { Float((40 * 3 + $0) % 16) })
  }

  @Test("California Housing: prices in classes of as many blocks each, equal prices together")
  func californiaHousing() throws {
    let rows = (0..<40).map { row in
      (0..<8).map { "\(row + $0).5" }.joined(separator: ",") + ",\((row * 7 % 40) * 1_000).000000\n"
    }
    func archive(_ rows: [String]) -> [UInt8] {
      gzip(Tar.archive([("CaliforniaHousing/cal_housing.data", Array(rows.joined().utf8))]))
    }
    let dataset = try open(.californiaHousing(classes: 4), [("cal_housing.tgz", archive(rows))])
    #expect(dataset.shape == .features(8) && dataset.classes == 4)
    #expect(try Samples(dataset).labels == (0..<40).map { Int32($0 * 7 % 40 / 10) })
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/blocks")
    #expect(left == ["california_housing-4.block"])
    let equal = rows.map { $0.split(separator: ",").dropLast().joined(separator: ",") + ",5\n" }
    let error = try datasetError {
      _ = try open(.californiaHousing(classes: 3), [("cal_housing.tgz", archive(equal))])
    }
    #expect(error.description.contains("classes is 3"))
  }

  // MARK: The entries

  @Test("a download whose published MD5 differs is refused")
  func md5() throws {
    try folder.write([1, 2, 3], "mirror/stl10/stl10_binary.tar.gz")
    let library = DatasetLibrary(
      directory: folder.url.appending(path: "data"), mirror: folder.path + "/mirror")
    let error = try datasetError { _ = try library.open(.stl10) }
    guard case .wrongChecksum(_, let expected, let found) = error else { throw error }
    // As `md5sum` says of these three bytes.
    #expect(expected == "91f7769df0f17e558f3565bffb0c7dfb" && found == "5289df737df57326fcdd22597afb1fac")
    #expect(error.description.contains("MD5"))
  }

  @Test("every published entry says its licence, source and files, and can be named")
  func entries() {
    for entry in Catalogue.entries where entry.kind == .published {
      #expect(!entry.licence.isEmpty && entry.source.hasPrefix("http"), "\(entry.name)")
      #expect(
        !entry.files.isEmpty && entry.files.allSatisfy { $0.address.hasPrefix("http") }, "\(entry.name)")
      #expect(entry.published?.name == entry.name)
    }
  }

  // MARK: Image sets

  @Test("Tiny ImageNet through the catalogue: 64 by 64, validation as the test split, test images left out")
  func tinyImageNet() throws {
    let image = try Fixtures.bytes("images/grey.png")
    let root = "tiny-imagenet-200"
    var members: [(String, [UInt8])] = []
    for name in ["n1", "n2", "n3"] {
      members += (0..<2).map { ("\(root)/train/\(name)/images/\(name)_\($0).JPEG", image) }
    }
    members += (0..<2).map { ("\(root)/val/images/val_\($0).JPEG", image) }
    members.append(("\(root)/test/images/test_0.JPEG", image))
    let annotations = "val_0.JPEG\tn3\t0\t0\t9\t9\nval_1.JPEG\tn1\t0\t0\t9\t9\n"
    members.append(("\(root)/val/val_annotations.txt", Array(annotations.utf8)))
    let dataset = try open(.tinyImageNet, [("tiny-imagenet-200.zip", Zip.archive(members))])
    #expect(dataset.shape == .image(height: 64, width: 64, channels: 3))
    #expect((dataset.count, dataset.count(of: .test), dataset.classes) == (6, 2, 3))
    #expect(try Samples(dataset, .test).labels == [2, 0])
  }

  @Test("a part of MedMNIST through the catalogue, in the name of its file and size")
  func medmnist() throws {
    let bytes = try Fixtures.bytes("cases/npz/medmnist.npz")
    for (part, file) in [
      (MedMNIST(.octmnist), "octmnist.npz"), (MedMNIST(.octmnist, size: 64), "octmnist_64.npz"),
    ] {
      let dataset = try open(.medmnist(part), [(file, bytes)])
      #expect(dataset.shape == .image(height: 6, width: 6, channels: 1))
      #expect((dataset.count, dataset.count(of: .test), dataset.classes) == (40, 10, 3))
    }
  }
}
