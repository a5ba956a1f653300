import Compute
import Crypto
import Foundation

/// Writes a block file from beginning to end: the training split, then the test split. Nothing is at `path`
/// before `finish`, and everything after it.
final class BlockWriter {
  private let path: String
  private let temporary: String
  private let file: File
  private var header: BlockHeader
  private let limits: DatasetLimits
  private var digest = ContentDigest()
  private var split = Split.train
  private var length = BlockHeader.alignment
  private var labels: [Int32] = []
  private var histogram: PixelHistogram
  private var census = RowCensus()
  private var classCounts: [[Int]] = []
  private var isFinished = false

  init(
    path: String, element: BlockHeader.Element, shape: SampleShape, classes: Int, limits: DatasetLimits
  ) throws(DatasetError) {
    self.path = path
    self.limits = limits
    temporary = "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).tmp"
    file = try File(temporary, .create)
    header = BlockHeader(
      element: element, shape: shape.sizes, classes: classes, digest: "",
      moments: ChannelMoments(mean: [], deviation: []), train: .init(), test: .init())
    header.train.inputs = length
    histogram = PixelHistogram(channels: shape.channels)
    try file.write([UInt8](repeating: 0, count: BlockHeader.alignment))
  }

  deinit {
    if !isFinished { unlink(temporary) }
  }

  /// Names that the catalogue and the results show.
  func name(classes: [String]?, columns: [String]?) {
    header.classNames = classes
    header.columnNames = columns
  }

  /// The training split's moments, once it is finished.
  var moments: ChannelMoments { header.moments }

  /// Sets the number of classes once it is known.
  func set(classes: Int) { header.classes = classes }

  /// Gives the labels of the split so far other numbers: `mapping[label]`.
  func relabel(_ mapping: [Int32]) { labels = labels.map { mapping[Int($0)] } }

  /// Adds samples of bytes.
  func append(bytes: [UInt8], labels newLabels: [Int32]) throws(DatasetError) {
    precondition(header.element == .uint8)
    if split == .train { histogram.add(bytes) }
    try append(newLabels, size: bytes.count) { body in bytes.withUnsafeBytes(body) }
  }

  /// Adds samples of doubles, which have to be finite.
  func append(doubles: [Double], labels newLabels: [Int32]) throws(DatasetError) {
    precondition(header.element == .float64)
    try append(newLabels, size: doubles.count * 8) { body in doubles.withUnsafeBytes(body) }
  }

  /// Adds samples of floats, which have to be finite.
  func append(floats: [Float], labels newLabels: [Int32]) throws(DatasetError) {
    precondition(header.element == .float32)
    try append(newLabels, size: floats.count * 4) { body in floats.withUnsafeBytes(body) }
  }

  private func append(
    _ newLabels: [Int32], size: Int,
    bytes: ((UnsafeRawBufferPointer) -> Result<Void, DatasetError>) -> Result<Void, DatasetError>
  ) throws(DatasetError) {
    precondition(size == newLabels.count * header.sampleShape.count * header.element.size)
    guard length + size <= limits.decodedBytes else {
      throw .limitExceeded(file: path, limit: "more than \(limits.decodedBytes) bytes of decoded data")
    }
    try bytes { buffer in
      Result { () throws(DatasetError) in
        digest.update(buffer)
        if split == .train { census.add(buffer, labels: newLabels) }
        try file.write(buffer)
      }
    }.get()
    length += size
    labels.append(contentsOf: newLabels)
  }

  /// Ends the training split; what follows is the test split.
  func beginTest() throws(DatasetError) {
    precondition(split == .train)
    try endSplit()
    split = .test
    header.test.inputs = length
  }

  private func endSplit() throws(DatasetError) {
    try pad()
    let part = BlockHeader.Part(
      samples: labels.count, inputs: split == .train ? header.train.inputs : header.test.inputs,
      labels: length)
    if split == .train { header.train = part } else { header.test = part }
    let bytes = labels.flatMap { label in (0..<4).map { UInt8(truncatingIfNeeded: label >> ($0 * 8)) } }
    digest.update(bytes)
    try file.write(bytes)
    length += bytes.count
    var counts = [Int](repeating: 0, count: header.classes)
    for label in labels where counts.indices.contains(Int(label)) { counts[Int(label)] += 1 }
    classCounts.append(counts)
    labels = []
    try pad()
  }

  private func pad() throws(DatasetError) {
    let missing = (BlockHeader.alignment - length % BlockHeader.alignment) % BlockHeader.alignment
    try file.write([UInt8](repeating: 0, count: missing))
    length += missing
  }

  /// Writes the header and puts the file at its place; gives what was understood of the file, with the classes and
  /// what there is to say of every kind of data added.
  @discardableResult
  func finish(_ understood: Inference = Inference()) throws(DatasetError) -> Inference {
    if split == .train { try beginTest() }
    try endSplit()
    let shape = header.shape.map(String.init).joined(separator: "×")
    digest.update(
      Array(
        ("emc-dataset/1 element=\(header.element.rawValue) shape=\(shape) classes=\(header.classes) "
          + "train=\(header.train.samples) test=\(header.test.samples)").utf8))
    header.digest = digest.finish()
    header.moments = try computedMoments()
    if let channel = header.moments.deviation.firstIndex(where: { !$0.isFinite }) {
      throw .malformed(
        file: path, place: .wholeFile,
        reason:
          "the numbers of \(header.columnNames?[channel] ?? "input \(channel)") are so large that they have no "
          + "deviation: scale them first")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let json = try? encoder.encode(header) else { preconditionFailure("a header is always JSON") }
    let bytes = Array(json)
    try file.write(bytes)
    let preface =
      BlockHeader.magic + littleEndian(length) + littleEndian(bytes.count) + Array(SHA256.hash(data: bytes))
    try file.write(preface, at: 0)
    try file.synchronize()
    guard rename(temporary, path) == 0 else {
      throw .directoryNotWritable(path: path, reason: lastSystemError())
    }
    isFinished = true
    var understood = understood
    describe(&understood)
    return understood
  }

  private func describe(_ understood: inout Inference) {
    func count(_ split: Int, _ label: Int) -> Int {
      classCounts[split].indices.contains(label) ? classCounts[split][label] : 0
    }
    understood.classes = (0..<header.classes).map { label in
      ClassCount(
        name: header.classNames?[label] ?? "\(label)", trainingSamples: count(0, label),
        testSamples: count(1, label))
    }
    let unused = understood.classes.filter { $0.trainingSamples == 0 }.map(\.name)
    if !unused.isEmpty {
      understood.warn(
        .classWithoutTrainingSamples,
        "\(unused.count) of \(header.classes) classes without a training sample: \(shortList(unused))")
    }
    let constant = header.moments.deviation.indices.filter { header.moments.deviation[$0] == 0 }
    if !constant.isEmpty {
      let names = constant.prefix(21).map { header.columnNames?[$0] ?? "\($0)" }
      understood.warn(
        .constantColumn,
        "\(constant.count) of \(header.moments.mean.count) "
          + (header.shape.count == 3 ? "channels" : "inputs")
          + " the same in every training sample: \(shortList(names, of: constant.count))")
    }
    guard census.isComplete, census.duplicates > 0 else { return }
    understood.warn(
      .duplicateRows,
      "\(census.duplicates) of \(census.samples) training samples are the same as an earlier one")
    if census.conflicts > 0 {
      understood.warn(
        .conflictingLabels,
        "\(census.conflicts) training samples are the same as one of another class: no network can fit all of them"
      )
    }
  }

  private func computedMoments() throws(DatasetError) -> ChannelMoments {
    guard header.element != .uint8 else { return histogram.moments }
    let mapped = try file.map()
    return withExtendedLifetime(mapped) {
      let values = UnsafeRawBufferPointer(
        rebasing: mapped.bytes[
          header.train.inputs..<header.train.inputs + header.train.samples * header.sampleShape.count
            * header.element.size])
      let channels = header.sampleShape.channels
      return header.element == .float32
        ? ChannelMoments(of: values.assumingMemoryBound(to: Float.self), channels: channels)
        : ChannelMoments(of: values.assumingMemoryBound(to: Double.self), channels: channels)
    }
  }
}

/// The first of several names, and how many more there are.
func shortList(_ names: some Collection<String>, of count: Int? = nil, upTo limit: Int = 20) -> String {
  let count = count ?? names.count
  let text = names.prefix(limit).joined(separator: ", ")
  return count > limit ? text + " and \(count - limit) more" : text
}

private func littleEndian(_ value: Int) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}
