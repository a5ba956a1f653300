/// How NumPy files are read as a data set.
public struct ArrayOptions: Sendable, Hashable {
  /// The class column of a single two-dimensional array (`.npy`); the last one by default.
  public var classColumn = -1
  /// The array of inputs in an `.npz`; nil: x_train, train_x, x, X, inputs, data, images or features.
  public var inputs: String?
  /// The array of labels in an `.npz`; nil: y_train, train_y, y, Y, labels, targets or target.
  public var labels: String?

  /// The options as they stand.
  public init() {}
}

/// Writes the block file of arrays: samples × features, samples × height × width or samples × height × width ×
/// channels (four at most), with one integer label a sample. Images of unsigned bytes stay bytes; everything
/// else becomes 32-bit floats.
struct ArrayDecoder {
  let options: ArrayOptions
  let limits: DatasetLimits

  private static let inputNames = ["x_train", "train_x", "x", "X", "inputs", "data", "images", "features"]
  private static let labelNames = ["y_train", "train_y", "y", "Y", "labels", "targets", "target"]
  private static let testInputNames = ["x_test", "test_x", "inputs_test", "test_inputs"]
  private static let testLabelNames = ["y_test", "test_y", "labels_test", "test_labels"]

  /// Decodes an `.npz`.
  @discardableResult
  func decode(npz file: File, to path: String) throws(DatasetError) -> Inference {
    let archive = try ZipArchive(file: file, limits: limits)
    func reader(_ names: [String]) throws(DatasetError) -> NPYReader? {
      for name in names {
        guard let member = archive.members.first(where: { $0.name == "\(name).npy" || $0.name == name })
        else { continue }
        return try NPYReader(try archive.reader(member), limits: limits)
      }
      return nil
    }
    let inputNames = options.inputs.map { [$0] } ?? Self.inputNames
    let labelNames = options.labels.map { [$0] } ?? Self.labelNames
    guard let inputs = try reader(inputNames), let labels = try reader(labelNames) else {
      throw .malformed(
        file: file.path, place: .wholeFile,
        reason: "no arrays for inputs and labels among \(archive.members.prefix(10).map(\.name))")
    }
    var test: (NPYReader, NPYReader)?
    if let inputs = try reader(Self.testInputNames), let labels = try reader(Self.testLabelNames) {
      test = (inputs, labels)
    }
    return try decode(train: (inputs, labels), test: test, to: path)
  }

  /// Decodes inputs and labels of the training split and, where there is one, of the test split.
  @discardableResult
  func decode(
    train: (NPYReader, NPYReader), test: (NPYReader, NPYReader)?, to path: String
  ) throws(DatasetError) -> Inference {
    let shape = try Self.shape(train.0)
    let isBytes = train.0.header.kind == .unsigned && train.0.header.itemSize == 1
    var isImage = false
    if case .image = shape { isImage = true }
    let writer = try BlockWriter(
      path: path, element: isBytes && isImage ? .uint8 : .float32, shape: shape, classes: 2, limits: limits)
    let trainLabels = try labels(train.1, count: train.0.header.shape[0])
    var classes = (trainLabels.max() ?? 0) + 1
    guard Set(trainLabels).count > 1 else {
      throw .malformed(file: train.1.name, place: .wholeFile, reason: "a single class")
    }
    try copy(train.0, trainLabels, isBytes: isBytes && isImage, to: writer)
    try writer.beginTest()
    if let test {
      guard try Self.shape(test.0) == shape, test.0.header.kind == train.0.header.kind,
        test.0.header.itemSize == train.0.header.itemSize
      else {
        throw .malformed(
          file: test.0.name, place: .wholeFile, reason: "another shape or type than the training split's")
      }
      let testLabels = try labels(test.1, count: test.0.header.shape[0])
      classes = max(classes, (testLabels.max() ?? 0) + 1)
      try copy(test.0, testLabels, isBytes: isBytes && isImage, to: writer)
    }
    writer.set(classes: Int(classes))
    return try writer.finish()
  }

  private static func shape(_ reader: NPYReader) throws(DatasetError) -> SampleShape {
    let sizes = reader.header.shape
    guard sizes.allSatisfy({ 1...1 << 40 ~= $0 }), sizes.dropFirst().allSatisfy({ $0 <= 1 << 20 }) else {
      throw .malformed(file: reader.name, place: .wholeFile, reason: "an array of shape \(sizes)")
    }
    switch sizes.count {
    case 2: return .features(sizes[1])
    case 3: return .image(height: sizes[1], width: sizes[2], channels: 1)
    case 4 where sizes[3] <= 4: return .image(height: sizes[1], width: sizes[2], channels: sizes[3])
    default:
      throw .malformed(
        file: reader.name, place: .wholeFile,
        reason: "an array of shape \(sizes); allowed are samples × features, samples × height × width and "
          + "samples × height × width × channels with 1 to 4 channels")
    }
  }

  private func labels(_ reader: NPYReader, count: Int) throws(DatasetError) -> [Int32] {
    var reader = reader
    let shape = reader.header.shape
    guard shape == [count] || shape == [count, 1] else {
      throw .malformed(
        file: reader.name, place: .wholeFile, reason: "labels of shape \(shape) for \(count) samples")
    }
    let labels = try reader.integers(count)
    try reader.finish()
    guard let wrong = labels.firstIndex(where: { !(0..<limits.classes ~= $0) }) else {
      return labels.map(Int32.init)
    }
    throw .malformed(
      file: reader.name, place: .row(wrong),
      reason: "label \(labels[wrong]), allowed is 0 to \(limits.classes - 1)")
  }

  private func copy(
    _ reader: NPYReader, _ labels: [Int32], isBytes: Bool, to writer: BlockWriter
  ) throws(DatasetError) {
    var reader = reader
    let width = reader.header.shape.dropFirst().reduce(1, *)
    let rows = max(1, (1 << 18) / width)
    var done = 0
    while done < labels.count {
      let batch = Array(labels[done..<min(labels.count, done + rows)])
      if isBytes {
        try writer.append(bytes: try reader.bytes(batch.count * width), labels: batch)
      } else {
        try writer.append(floats: try reader.floats(batch.count * width), labels: batch)
      }
      done += batch.count
    }
    try reader.finish()
  }

  /// Decodes one two-dimensional array that holds the class in a column.
  @discardableResult
  func decode(npy reader: ByteReader, to path: String) throws(DatasetError) -> Inference {
    var reader = try NPYReader(reader, limits: limits)
    let shape = reader.header.shape
    guard shape.count == 2, shape[0] > 0, 2...limits.columns ~= shape[1] else {
      throw .malformed(
        file: reader.name, place: .wholeFile,
        reason: "an array of shape \(shape); needed are samples × columns, one of them the class")
    }
    guard -shape[1]..<shape[1] ~= options.classColumn else {
      throw .invalidOption(
        option: "class_column", value: "\(options.classColumn)", allowed: "\(-shape[1]) to \(shape[1] - 1)")
    }
    let classColumn = (options.classColumn + shape[1]) % shape[1]
    let writer = try BlockWriter(
      path: path, element: .float32, shape: .features(shape[1] - 1), classes: 2, limits: limits)
    var classes = Set<Int32>()
    var inputs: [Float] = []
    var labels: [Int32] = []
    for row in 0..<shape[0] {
      var values = try reader.floats(shape[1])
      guard let label = Int32(exactly: values.remove(at: classColumn)), 0..<limits.classes ~= Int(label)
      else {
        throw .malformed(
          file: reader.name, place: .row(row),
          reason: "a class that is no integer from 0 to \(limits.classes - 1)")
      }
      classes.insert(label)
      inputs += values
      labels.append(label)
      guard inputs.count >= 1 << 18 || row == shape[0] - 1 else { continue }
      try writer.append(floats: inputs, labels: labels)
      inputs.removeAll(keepingCapacity: true)
      labels.removeAll(keepingCapacity: true)
    }
    try reader.finish()
    guard classes.count > 1 else {
      throw .malformed(file: reader.name, place: .wholeFile, reason: "a single class")
    }
    writer.set(classes: Int(classes.max()!) + 1)
    return try writer.finish()
  }
}
