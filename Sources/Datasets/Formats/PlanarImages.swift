/// Images whose channels are planes and whose planes run down their columns, as MATLAB and STL-10 have them.
enum PlanarImages {
  /// The same pixels as height × width × channels.
  static func interleaved(_ planes: [UInt8], height: Int, width: Int, channels: Int) -> [UInt8] {
    let size = height * width * channels
    precondition(planes.count % size == 0)
    return [UInt8](unsafeUninitializedCapacity: planes.count) { pixels, count in
      for image in stride(from: 0, to: planes.count, by: size) {
        for channel in 0..<channels {
          for column in 0..<width {
            let source = image + (channel * width + column) * height
            for row in 0..<height {
              pixels[image + (row * width + column) * channels + channel] = planes[source + row]
            }
          }
        }
      }
      count = planes.count
    }
  }
}

/// The Street View House Numbers, cropped digits (Netzer et al., "Reading Digits in Natural Images with Unsupervised
/// Feature Learning", 2011): MAT-files of `X`, 32 × 32 × 3 × samples, and `y`, where 10 stands for the digit 0.
enum StreetViewNumbers {
  static let files = ["train_32x32.mat", "test_32x32.mat"].enumerated().map { number, name in
    PublishedFile(
      name, at: "http://ufldl.stanford.edu/housenumbers/", sha256: nil,
      md5: number == 0 ? "e26dedcc434d2e4c54c9b2d4a06d8373" : "eb5a983be6a315427106f1b164d9cef3")
  }

  static func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    let writer = try BlockWriter(
      path: path, element: .uint8, shape: .image(height: 32, width: 32, channels: 3), classes: 10,
      limits: limits)
    writer.name(classes: (0...9).map(String.init), columns: nil)
    for (number, file) in files.enumerated() {
      if number == 1 { try writer.beginTest() }
      let mat = try MATFile(try File(try fetcher.fetch(file, of: "svhn"), .read), limits: limits)
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

/// STL-10 (Coates, Lee and Ng 2011): 96 × 96 photographs, ten classes from 1; its 100,000 unlabelled images stay out.
enum STL10 {
  static let file = PublishedFile(
    "stl10_binary.tar.gz", at: "http://ai.stanford.edu/~acoates/stl10/", sha256: nil,
    md5: "91f7769df0f17e558f3565bffb0c7dfb")
  private static let size = 96 * 96 * 3

  static func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    let plain = try PlainFile(
      try fetcher.fetch(file, of: "stl10"), temporaryIn: try fetcher.directory.folder("blocks"),
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
      guard images.count == labels.count * size else {
        throw .malformed(
          file: plain.file.path, place: .member("\(split)_X.bin"),
          reason: "\(images.count) bytes for \(labels.count) images of \(size)")
      }
      for start in stride(from: 0, to: labels.count, by: 64) {
        let count = min(64, labels.count - start)
        let batch = try plain.file.read(count, at: labels.lowerBound + start)
        if let wrong = batch.first(where: { !(1...10 ~= $0) }) {
          throw .malformed(
            file: plain.file.path, place: .member("\(split)_y.bin"),
            reason: "label \(wrong), allowed is 1 to 10")
        }
        let planes = try plain.file.read(count * size, at: images.lowerBound + start * size)
        try writer.append(
          bytes: PlanarImages.interleaved(planes, height: 96, width: 96, channels: 3),
          labels: batch.map { Int32($0) - 1 })
      }
    }
    try writer.finish()
  }
}
