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

  /// LeCun, Cortes and Burges, "The MNIST database of handwritten digits" (1998).
  static let mnist = DigitImages(
    name: "mnist", folder: "https://ossci-datasets.s3.amazonaws.com/mnist/",
    sums: [
      "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
      "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
      "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
      "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ],
    classNames: (0...9).map(String.init))

  /// Xiao, Rasul and Vollgraf, "Fashion-MNIST" (2017).
  static let fashion = DigitImages(
    name: "fashion_mnist", folder: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    sums: [
      "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
      "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
      "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
      "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ],
    classNames: [
      "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
      "Ankle boot",
    ])

  /// Clanuwat et al., "Deep Learning for Classical Japanese Literature" (2018).
  static let kuzushiji = DigitImages(
    name: "kmnist", folder: "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    sums: [
      "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
      "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
      "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
      "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
    ],
    classNames: ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"])

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
