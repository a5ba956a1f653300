import Datasets
import Foundation
import Testing

/// Files as people have them, each for a kind: `Fixtures/cases`.
@Suite("Files as people have them: arrays and images")
struct CaseTests {
  let folder: TemporaryFolder
  let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    library = DatasetLibrary(directory: folder.url.appending(path: "data"))
  }

  func add(_ name: String, _ format: UploadFormat) throws -> StoredDataset {
    let path = Fixtures.url.appending(path: "cases/\(name)").path
    return try library.add(name: "case", format: format, contentsOf: path).dataset
  }

  struct Arrays: Sendable, CustomTestStringConvertible {
    let file: String
    var shape = [5]
    let classes: [String]
    var training = 40
    var test = 0

    var testDescription: String { file }
  }

  @Test(
    "NumPy files",
    arguments: [
      Arrays(file: "from_one.npz", classes: ["1", "2", "3"]),
      Arrays(file: "binary_from_one.npz", classes: ["1", "2"], training: 200),
      Arrays(file: "sparse_labels.npz", classes: ["5", "900", "99999"]),
      Arrays(file: "medmnist.npz", shape: [6, 6, 1], classes: ["0", "1", "2"], test: 10),
      Arrays(file: "Xy_sklearn.npz", classes: ["0", "1", "2"], test: 10),
      Arrays(file: "fortran_x.npz", classes: ["0", "1", "2"]),
      Arrays(file: "dataframe_values.npy", classes: ["0", "1", "2"]),
      Arrays(file: "py2_long_shape.npy", classes: ["0", "1", "2"]),
    ])
  func arrays(_ expected: Arrays) throws {
    let isArchive = expected.file.hasSuffix("npz")
    let entry = try add("npz/\(expected.file)", isArchive ? .npz(ArrayOptions()) : .npy(ArrayOptions()))
    #expect(entry.shape == expected.shape)
    #expect(entry.classNames == expected.classes)
    #expect((entry.trainCount, entry.testCount) == (expected.training, expected.test))
  }

  @Test("Fortran order holds the same numbers as row-major order does")
  func fortranOrder() throws {
    // One array in both orders, saved by the same script.
    let fortran = try add("npz/dataframe_values.npy", .npy(ArrayOptions()))
    let samples = try Samples(try library.open(digest: fortran.digest))
    let bytes = try Fixtures.bytes("cases/npz/dataframe_values.npy").dropFirst(128)
    let doubles = Array(bytes).withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
    for row in 0..<40 {
      #expect(samples.values[row] == (0..<5).map { Float(doubles[$0 * 40 + row]) })
    }
  }

  static let form = UploadFormat.images(ImageForm(height: 16, width: 16))

  @Test(
    "tars of images",
    arguments: [
      ("plain.tar", 12, 0), ("nested_sessions.tar", 12, 0), ("training_testing.tar", 12, 6),
      ("mixed_formats.tar", 27, 0), ("mac_wherefroms_xattr.tar", 12, 0), ("jfif_revision_0.tar", 13, 0),
      ("plain.tar.xz", 12, 0),
    ])
  func tars(file: String, training: Int, test: Int) throws {
    let entry = try add("tar/\(file)", Self.form)
    #expect(entry.shape == [16, 16, 3])
    #expect(entry.classNames == ["cat", "dog"])
    #expect((entry.trainCount, entry.testCount) == (training, test))
    if file.hasPrefix("jfif") {
      let warning = entry.inference!.warnings.first { $0.kind == .decoderWarning }
      #expect(warning?.detail.contains("train/cat/t.jpg") == true && warning?.detail.contains("JFIF") == true)
    } else {
      #expect(!entry.inference!.warnings.contains { $0.kind == .decoderWarning || $0.kind == .filesLeftOut })
    }
    if file.hasPrefix("mixed") {
      #expect(
        entry.inference!.images!.kinds.map { "\($0.files) \($0.kind)" } == [
          "12 png", "5 webp", "5 bmp", "5 tiff",
        ])
    }
  }
}
