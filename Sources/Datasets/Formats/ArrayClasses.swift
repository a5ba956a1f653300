/// Labels as an array holds them.
enum ArrayLabels {
  case integers([Int])
  case words([String])

  /// Labels of `count` samples: one number or text each, or a row of zeros with one 1 in it.
  ///
  /// Throws `malformed` for another shape, numbers that aren't integers, empty texts and rows that aren't one-hot.
  init(_ reader: NPYReader, count: Int, of inputs: String, limits: DatasetLimits) throws(DatasetError) {
    var reader = reader
    let shape = reader.header.shape
    switch shape.count {
    case 1 where shape[0] == count, 2 where shape == [count, 1]:
      self = try Self.values(&reader, count)
    case 2 where shape[0] == count && reader.header.kind.isNumeric:
      self = .integers(try Self.hot(&reader, limits))
    default:
      throw .malformed(
        file: reader.name, place: .wholeFile,
        reason: "labels of shape \(shape) for \(count) samples of \(inputs): needed is one a sample")
    }
    try reader.finish()
  }

  /// Whether a header's array has a row of numbers for each label.
  static func isHot(_ header: NPYHeader) -> Bool { header.shape.count == 2 && header.shape[1] > 1 }

  private static func values(_ reader: inout NPYReader, _ count: Int) throws(DatasetError) -> ArrayLabels {
    switch reader.header.kind {
    case .integer, .unsigned, .float: return .integers(try reader.integers(count))
    case .boolean: return .words(try reader.integers(count).map { $0 == 0 ? "False" : "True" })
    case .bytes, .text:
      let words = try reader.words(count)
      if let missing = words.firstIndex(of: "") {
        throw .malformed(
          file: reader.name, place: .row(missing),
          reason: "an empty label: leave such samples out, or name their class")
      }
      return .words(words)
    }
  }

  private static func hot(_ reader: inout NPYReader, _ limits: DatasetLimits) throws(DatasetError) -> [Int] {
    let width = reader.width
    guard width <= limits.classes else {
      throw .limitExceeded(file: reader.name, limit: "labels of \(width) columns")
    }
    var labels: [Int] = []
    for row in 0..<reader.header.shape[0] {
      let values = try reader.doubles(width)
      let label = values.firstIndex(of: 1)
      guard let label, values.count(where: { $0 == 0 }) == width - 1 else {
        throw .malformed(
          file: reader.name, place: .row(row),
          reason: "labels of shape \(reader.header.shape) whose rows aren't one-hot (a 1 among zeros): save "
            + "numpy.argmax of them, or one column as an array of its own")
      }
      labels.append(label)
    }
    return labels
  }
}

/// The classes of arrays: the values that occur in any split, in their order.
struct ArrayClasses {
  let names: [String]
  /// The labels of each split.
  let labels: [[Int32]]
  /// What the values say that should be known.
  private(set) var warnings: [DatasetWarning] = []

  /// Throws `malformed` where there is a single class, or one split holds numbers and another text.
  init(_ splits: [ArrayLabels], file: String, limits: DatasetLimits) throws(DatasetError) {
    var numbers: [[Int]] = []
    var words: [[String]] = []
    for split in splits {
      switch split {
      case .integers(let values): numbers.append(values)
      case .words(let values): words.append(values)
      }
    }
    guard numbers.isEmpty || words.isEmpty else {
      throw .malformed(
        file: file, place: .wholeFile, reason: "labels that are numbers in one split and text in the other")
    }
    if words.isEmpty {
      let classes = try Self.classes(numbers, file, limits)
      names = classes.map { String($0) }
      labels = Self.coded(numbers, classes)
    } else {
      names = try Self.classes(words, file, limits)
      labels = Self.coded(words, names)
    }
    let samples = labels.reduce(0) { $0 + $1.count }
    if names.count > max(20, samples / 4) {
      warnings.append(
        DatasetWarning(
          kind: .inferred,
          detail:
            "\(names.count) classes among \(samples) samples: labels that measure something are to be binned first"
        ))
    }
  }

  private static func classes<Value: Hashable & Comparable>(
    _ splits: [[Value]], _ file: String, _ limits: DatasetLimits
  ) throws(DatasetError) -> [Value] {
    guard Set(splits[0]).count > 1 else {
      throw .malformed(file: file, place: .wholeFile, reason: "a single class")
    }
    let classes = splits.reduce(into: Set<Value>()) { $0.formUnion($1) }
    guard classes.count <= limits.classes else {
      throw .limitExceeded(file: file, limit: "more than \(limits.classes) classes")
    }
    return classes.sorted()
  }

  private static func coded<Value: Hashable>(_ splits: [[Value]], _ classes: [Value]) -> [[Int32]] {
    let codes = Dictionary(uniqueKeysWithValues: zip(classes, (0 as Int32)...))
    return splits.map { $0.map { codes[$0]! } }
  }
}
