import Compute

/// `stl10`: STL-10 (Coates, Lee and Ng 2011). 96 × 96 photographs, ten classes from 1; its 100,000 unlabelled images stay out.
struct STL10Definition: PublishedDefinition {
  private static let file = PublishedFile(
    "stl10_binary.tar.gz", at: "http://ai.stanford.edu/~acoates/stl10/", sha256: nil,
    md5: "91f7769df0f17e558f3565bffb0c7dfb")
  private static let size = 96 * 96 * 3

  static let entry = CatalogueEntry(
    published: "stl10", task: "photographs, ten classes", shape: .image(height: 96, width: 96, channels: 3),
    classes: 10, trainCount: 5_000, testCount: 8_000,
    licence: "none stated; cite Coates, Lee and Ng 2011; images from ImageNet",
    source: "https://cs.stanford.edu/~acoates/stl10/", files: [file])

  init(_ values: OptionValues) {}

  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    let plain = try PlainFile(
      try fetcher.fetch(Self.file, of: Self.entry.name), temporaryIn: try fetcher.directory.folder(.blocks),
      limits: limits)
    let archive = try TarArchive(file: plain.file, limits: limits)
    func member(_ name: String) throws(DatasetError) -> Range<Int> {
      guard let member = archive.members.first(where: { $0.name == name || $0.name.hasSuffix("/\(name)") })
      else {
        throw .malformed(file: plain.file.path, place: .wholeFile, reason: "holds no \(name)")
      }
      return member.range
    }
    let writer = try BlockWriter(
      path: path, element: .uint8, shape: .image(height: 96, width: 96, channels: 3), classes: 10,
      limits: limits)
    let names = try member("class_names.txt")
    let text = String(
      decoding: try plain.file.read(min(names.count, 1 << 16), at: names.lowerBound), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline).map(String.init)
    writer.name(classes: lines.count == 10 ? lines : nil, columns: nil)
    for split in ["train", "test"] {
      if split == "test" { try writer.beginTest() }
      let (images, labels) = try (member("\(split)_X.bin"), member("\(split)_y.bin"))
      guard images.count == labels.count * Self.size else {
        throw .malformed(
          file: plain.file.path, place: .member("\(split)_X.bin"),
          reason: "\(images.count) bytes for \(labels.count) images of \(Self.size)")
      }
      for start in stride(from: 0, to: labels.count, by: 64) {
        let count = min(64, labels.count - start)
        let batch = try plain.file.read(count, at: labels.lowerBound + start)
        if let wrong = batch.first(where: { !(1...10 ~= $0) }) {
          throw .malformed(
            file: plain.file.path, place: .member("\(split)_y.bin"),
            reason: "label \(wrong), allowed is 1 to 10")
        }
        let planes = try plain.file.read(count * Self.size, at: images.lowerBound + start * Self.size)
        try writer.append(
          bytes: PlanarImages.interleaved(planes, height: 96, width: 96, channels: 3),
          labels: batch.map { Int32($0) - 1 })
      }
    }
    try writer.finish()
  }
}

extension DatasetReference {
  /// Photographs, 96 × 96 × 3, 10 classes, 5,000 + 8,000.
  public static let stl10 = DatasetReference(STL10Definition([:]))
}
