import Compute

/// `svhn`: the Street View House Numbers, cropped digits (Netzer et al., "Reading Digits in Natural Images with Unsupervised
/// Feature Learning", 2011). MAT-files of `X`, 32 × 32 × 3 × samples, and `y`, where 10 stands for the digit 0.
struct SVHNDefinition: PublishedDefinition {
  private static let files = ["train_32x32.mat", "test_32x32.mat"].enumerated().map { number, name in
    PublishedFile(
      name, at: "http://ufldl.stanford.edu/housenumbers/", sha256: nil,
      md5: number == 0 ? "e26dedcc434d2e4c54c9b2d4a06d8373" : "eb5a983be6a315427106f1b164d9cef3")
  }

  static let entry = CatalogueEntry(
    published: "svhn", task: "house numbers, cropped digits, ten classes",
    shape: .image(height: 32, width: 32, channels: 3), classes: 10, trainCount: 73_257, testCount: 26_032,
    licence: "non-commercial use only", source: "http://ufldl.stanford.edu/housenumbers/", files: files)

  init(_ values: OptionValues) {}

  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    let writer = try BlockWriter(
      path: path, element: .uint8, shape: .image(height: 32, width: 32, channels: 3), classes: 10,
      limits: limits)
    writer.name(classes: (0...9).map(String.init), columns: nil)
    for (number, file) in Self.files.enumerated() {
      if number == 1 { try writer.beginTest() }
      let mat = try MATFile(try File(try fetcher.fetch(file, of: Self.entry.name), .read), limits: limits)
      let images = try mat.array(named: "X")
      let labels = try mat.array(named: "y").integers()
      guard images.dimensions == [32, 32, 3, labels.count], images.storage == .uint8 else {
        throw .malformed(
          file: file.name, place: .wholeFile,
          reason:
            "X of \(images.dimensions) for \(labels.count) labels; expected are bytes of 32 × 32 × 3 × samples"
        )
      }
      if let wrong = labels.first(where: { !(1...10 ~= $0) }) {
        throw .malformed(file: file.name, place: .wholeFile, reason: "label \(wrong), allowed is 1 to 10")
      }
      var pixels = images.elements
      for start in stride(from: 0, to: labels.count, by: 500) {
        let batch = labels[start..<min(labels.count, start + 500)]
        let planes = try pixels.bytes(batch.count * 3_072, "\(labels.count) images")
        try writer.append(
          bytes: PlanarImages.interleaved(planes, height: 32, width: 32, channels: 3),
          labels: batch.map { Int32($0 % 10) })
      }
    }
    try writer.finish()
  }
}

extension DatasetReference {
  /// Street View House Numbers, cropped digits: 32 × 32 × 3, 10 classes, 73,257 + 26,032.
  public static let svhn = DatasetReference(SVHNDefinition([:]))
}
