/// MNIST and the data sets published in its form: four IDX files, gzip.
struct DigitImages: Sendable {
  let name: String
  let classNames: [String]
  /// Images and labels of the training split, then of the test split.
  let files: [PublishedFile]

  init(name: String, folder: String, sums: [String], classNames: [String]) {
    self.name = name
    self.classNames = classNames
    let names = [
      "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
      "t10k-labels-idx1-ubyte.gz",
    ]
    files = zip(names, sums).map { PublishedFile($0, at: folder, sha256: $1) }
  }

  /// Fetches the four files and writes the block file.
  func decode(fetcher: Fetcher, limits: DatasetLimits, to path: String) throws(DatasetError) {
    var paths: [String] = []
    for file in files { paths.append(try fetcher.fetch(file, of: name)) }
    var readers: [ByteReader] = []
    for path in paths { readers.append(try ByteReader(file: try File(path, .read), limits: limits)) }
    try Self.decode(readers, classNames: classNames, limits: limits, to: path)
  }

  /// Images and labels of the training split, then of the test split, to a block file.
  static func decode(
    _ readers: [ByteReader], classNames: [String], limits: DatasetLimits, to path: String
  ) throws(DatasetError) {
    var trainImages = try IDXReader(readers[0], dimensions: 3)
    var testImages = try IDXReader(readers[2], dimensions: 3)
    guard trainImages.dimensions.dropFirst() == testImages.dimensions.dropFirst() else {
      throw .malformed(
        file: readers[2].name, place: .offset(8), reason: "images of another size than the training split's")
    }
    let sizes = trainImages.dimensions
    let writer = try BlockWriter(
      path: path, element: .uint8, shape: .image(height: sizes[1], width: sizes[2], channels: 1),
      classes: classNames.count, limits: limits)
    writer.name(classes: classNames, columns: nil)
    try copy(&trainImages, labels: readers[1], to: writer, classes: classNames.count)
    try writer.beginTest()
    try copy(&testImages, labels: readers[3], to: writer, classes: classNames.count)
    try writer.finish()
  }

  private static func copy(
    _ images: inout IDXReader, labels reader: ByteReader, to writer: BlockWriter, classes: Int
  ) throws(DatasetError) {
    var labels = try IDXReader(reader, dimensions: 1)
    guard labels.count == images.count else {
      throw .malformed(
        file: reader.name, place: .offset(4), reason: "\(labels.count) labels for \(images.count) images")
    }
    var done = 0
    while done < images.count {
      let count = min(1_000, images.count - done)
      let batch = try labels.items(count)
      if let wrong = batch.firstIndex(where: { $0 >= classes }) {
        throw .malformed(
          file: reader.name, place: .offset(8 + done + wrong),
          reason: "label \(batch[wrong]), allowed is 0 to \(classes - 1)")
      }
      try writer.append(bytes: try images.items(count), labels: batch.map(Int32.init))
      done += count
    }
    try images.finish()
    try labels.finish()
  }
}
