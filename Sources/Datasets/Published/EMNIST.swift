import Compute

/// Which of EMNIST's splits.
public enum EMNISTSplit: String, Sendable, Hashable, CaseIterable, Codable {
  /// 62 digits and letters, as often as they occur.
  case byclass
  /// 47: letters whose capitals look alike are one class.
  case bymerge
  /// The 47 classes equally often.
  case balanced
  /// 26 letters, capitals and small ones together.
  case letters
  /// Ten digits.
  case digits
  /// Ten digits in MNIST's numbers.
  case mnist

  /// Classes, training samples and test samples.
  public var counts: (classes: Int, train: Int, test: Int) {
    switch self {
    case .byclass: (62, 697_932, 116_323)
    case .bymerge: (47, 697_932, 116_323)
    case .balanced: (47, 112_800, 18_800)
    case .letters: (26, 124_800, 20_800)
    case .digits: (10, 240_000, 40_000)
    case .mnist: (10, 60_000, 10_000)
    }
  }
}

/// `emnist`: EMNIST (Cohen, Afshar, Tapson and van Schaik 2017). IDX files in one zip, each image transposed against MNIST's, which
/// it stays as torchvision leaves it. A mapping gives each label the character that it stands for.
struct EMNISTDefinition: PublishedDefinition {
  private static let file = PublishedFile(
    "gzip.zip", at: "https://biometrics.nist.gov/cs_links/EMNIST/", sha256: nil,
    md5: "58c8d27c78d21e728a6bc7b3cc06412e")

  static let entry = CatalogueEntry(
    published: "emnist", task: "handwritten digits and letters in six splits, transposed as published",
    shape: .image(height: 28, width: 28, channels: 1),
    licence: "none stated; a work of the United States government",
    source: "https://www.nist.gov/itl/products-and-services/emnist-dataset", files: [file])

  static let options = [
    OptionDeclaration.choice(
      "split", of: EMNISTSplit.self, default: .balanced, "Which of its divisions into classes.")
  ]

  private let split: EMNISTSplit

  init(_ values: OptionValues) { split = values.choice("split") }

  var values: OptionValues { ["split": .word(split.rawValue)] }
  var key: String { "emnist-\(split.rawValue)" }

  var facts: DatasetFacts {
    DatasetFacts(
      shape: .image(height: 28, width: 28, channels: 1), classes: split.counts.classes,
      trainingSamples: split.counts.train, testSamples: split.counts.test)
  }

  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    let file = try File(try fetcher.fetch(Self.file, of: Self.entry.name), .read)
    let archive = try ZipArchive(file: file, limits: limits)
    func reader(_ name: String) throws(DatasetError) -> ByteReader {
      let name = "emnist-\(split.rawValue)-\(name)"
      guard let member = archive.members.first(where: { $0.name == name || $0.name.hasSuffix("/\(name)") })
      else {
        throw .malformed(file: file.path, place: .wholeFile, reason: "holds no \(name)")
      }
      let bytes = try archive.reader(member)
      guard name.hasSuffix(".gz") else { return bytes }
      return ByteReader(
        name: bytes.name,
        source: DecompressedSource(
          name: bytes.name, .gzip, limits: limits, compressed: ReaderSource(reader: bytes)))
    }
    let classes = try Self.mapping(try reader("mapping.txt"))
    let labels = Dictionary(classes.enumerated().map { ($1.label, Int32($0)) }) { first, _ in first }
    guard labels.count == split.counts.classes else {
      throw .malformed(
        file: file.path, place: .member("emnist-\(split.rawValue)-mapping.txt"),
        reason: "\(labels.count) classes where \(split.counts.classes) are expected")
    }
    let writer = try BlockWriter(
      path: path, element: .uint8, shape: .image(height: 28, width: 28, channels: 1), classes: labels.count,
      limits: limits)
    writer.name(classes: classes.map(\.name), columns: nil)
    for part in ["train", "test"] {
      if part == "test" { try writer.beginTest() }
      var images = try IDXReader(try reader("\(part)-images-idx3-ubyte.gz"), dimensions: 3)
      var numbers = try IDXReader(try reader("\(part)-labels-idx1-ubyte.gz"), dimensions: 1)
      guard images.dimensions == [numbers.count, 28, 28] else {
        throw .malformed(
          file: file.path, place: .member(part),
          reason: "images of \(images.dimensions) for \(numbers.count) labels")
      }
      for start in stride(from: 0, to: numbers.count, by: 1_000) {
        let count = min(1_000, numbers.count - start)
        var batch: [Int32] = []
        for number in try numbers.items(count) {
          guard let label = labels[Int(number)] else {
            throw .malformed(
              file: file.path, place: .member(part), reason: "label \(number) that has no class")
          }
          batch.append(label)
        }
        try writer.append(bytes: try images.items(count), labels: batch)
      }
      try images.finish()
      try numbers.finish()
    }
    try writer.finish()
  }

  /// Lines of a label and the code of its character; where a second code follows it is the small letter's.
  private static func mapping(_ bytes: ByteReader) throws(DatasetError) -> [(label: Int, name: String)] {
    var reader = bytes
    var text: [UInt8] = []
    while text.count < 1 << 16 {
      let more = try reader.some(atMost: 1 << 16)
      if more.isEmpty { break }
      text += more
    }
    var classes: [(label: Int, name: String)] = []
    for (row, line) in text.split(whereSeparator: { $0 == 10 || $0 == 13 }).enumerated() {
      let numbers = line.split(separator: 32).map { Int(String(decoding: $0, as: UTF8.self)) }
      guard numbers.count >= 2, let label = numbers[0], let code = numbers[1],
        let character = UInt8(exactly: code), character >= 32, character < 127
      else {
        throw .malformed(
          file: bytes.name, place: .row(row + 1), reason: "no label with the code of a character")
      }
      classes.append((label, String(UnicodeScalar(character))))
    }
    return classes.sorted { $0.label < $1.label }
  }
}

extension DatasetReference {
  /// Handwritten digits and letters, 28 × 28.
  public static func emnist(_ split: EMNISTSplit) -> DatasetReference {
    DatasetReference(EMNISTDefinition(["split": .word(split.rawValue)]))
  }
}
