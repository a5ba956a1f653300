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
  private var isFinished = false

  init(
    path: String, element: BlockHeader.Element, shape: SampleShape, classes: Int, limits: DatasetLimits
  ) throws(DatasetError) {
    self.path = path
    self.limits = limits
    temporary = "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).tmp"
    file = try File(temporary, .create)
    let sizes: [Int] =
      switch shape {
      case .features(let count): [count]
      case .image(let height, let width, let channels): [height, width, channels]
      }
    header = BlockHeader(
      element: element, shape: sizes, classes: classes, digest: "",
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

  /// Sets the number of classes once it is known.
  func set(classes: Int) { header.classes = classes }

  /// Adds samples of bytes.
  func append(bytes: [UInt8], labels newLabels: [Int32]) throws(DatasetError) {
    precondition(header.element == .uint8)
    if split == .train { histogram.add(bytes) }
    try append(newLabels, size: bytes.count) { body in bytes.withUnsafeBytes(body) }
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
    labels = []
    try pad()
  }

  private func pad() throws(DatasetError) {
    let missing = (BlockHeader.alignment - length % BlockHeader.alignment) % BlockHeader.alignment
    try file.write([UInt8](repeating: 0, count: missing))
    length += missing
  }

  /// Writes the header and puts the file at its place; gives the content's digest.
  @discardableResult
  func finish() throws(DatasetError) -> String {
    if split == .train { try beginTest() }
    try endSplit()
    let shape = header.shape.map(String.init).joined(separator: "×")
    digest.update(
      Array(
        ("emc-dataset/1 element=\(header.element.rawValue) shape=\(shape) classes=\(header.classes) "
          + "train=\(header.train.samples) test=\(header.test.samples)").utf8))
    header.digest = digest.finish()
    header.moments = try moments()
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
    return header.digest
  }

  private func moments() throws(DatasetError) -> ChannelMoments {
    guard header.element == .float32 else { return histogram.moments }
    let mapped = try file.map()
    return withExtendedLifetime(mapped) {
      ChannelMoments(
        ofFloats: mapped.bytes, at: header.train.inputs, rows: header.train.samples,
        width: header.sampleShape.count, channels: header.sampleShape.channels)
    }
  }
}

private func littleEndian(_ value: Int) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}
