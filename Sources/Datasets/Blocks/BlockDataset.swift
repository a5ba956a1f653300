import Compute
import Crypto
import Foundation

/// A decoded data set in a memory-mapped block file. Opening reads the header alone; a draw touches the pages
/// of its samples and lets go of them again.
struct BlockDataset: SampleSource {
  private let path: String
  private let header: BlockHeader
  private let mapped: MappedBytes

  var digest: String { header.digest }
  var shape: SampleShape { header.sampleShape }
  var classes: Int { header.classes }
  var moments: ChannelMoments? { header.moments }
  var classNames: [String]? { header.classNames }
  var columnNames: [String]? { header.columnNames }
  /// Sizes of one input, as the header has them.
  var sizes: [Int] { header.shape }

  /// A table as it was kept before numbers were kept in double precision.
  var isOutdated: Bool { header.version == 1 && header.element == .float32 && header.shape.count == 1 }

  /// Opens a block file; throws `malformed` or `truncated` for anything else.
  init(path: String) throws(DatasetError) {
    let file = try File(path, .read)
    let preface = try file.read(BlockHeader.prefaceSize, at: 0)
    guard preface.count == BlockHeader.prefaceSize, preface.starts(with: BlockHeader.magic) else {
      throw .malformed(file: path, place: .offset(0), reason: "not a block file")
    }
    let size = file.size
    let offset = Self.littleEndian(preface[8..<16])
    let length = Self.littleEndian(preface[16..<24])
    guard let offset, let length, offset <= size, length <= size - offset, length <= 1 << 28 else {
      throw .truncated(file: path, offset: size, expected: "the header")
    }
    let bytes = try file.read(length, at: offset)
    guard Array(SHA256.hash(data: bytes)) == Array(preface[24..<56]),
      let header = try? JSONDecoder().decode(BlockHeader.self, from: Data(bytes))
    else {
      throw .malformed(
        file: path, place: .offset(offset), reason: "corrupt header; delete it to have it made again")
    }
    try header.validate(file: path, size: size)
    self.path = path
    self.header = header
    mapped = try file.map()
  }

  private static func littleEndian(_ bytes: ArraySlice<UInt8>) -> Int? {
    Int(exactly: bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  private func part(_ split: Split) -> BlockHeader.Part { split == .train ? header.train : header.test }

  func count(of split: Split) -> Int? { part(split).samples }

  func labels(
    at indices: [Int], split: Split, key: DrawKey, execution: DrawExecution
  ) throws(DatasetError) -> [Int32] {
    let start = part(split).labels
    let labels = indices.map {
      Int32(littleEndian: mapped.bytes.load(fromByteOffset: start + 4 * $0, as: Int32.self))
    }
    guard labels.allSatisfy({ 0..<Int32(classes) ~= $0 }) else {
      throw .malformed(
        file: path, place: .wholeFile, reason: "a label out of range; delete it to have it made again")
    }
    return labels
  }

  func write(
    at indices: [Int], split: Split, key: DrawKey, transform: ChannelTransform, into inputs: Buffer<Float>,
    execution: DrawExecution
  ) throws(DatasetError) {
    let rowBytes = shape.count * header.element.size
    let start = part(split).inputs
    // Rows lie anywhere, so each costs a page more than its bytes; a part of the draw is resident at a time.
    let rows = isLarge ? max(1, Self.residentBytes / (rowBytes + 4_096)) : indices.count
    for first in stride(from: 0, to: indices.count, by: rows) {
      let range = first..<min(indices.count, first + rows)
      let sources = indices[range].map { index in
        UnsafeRawBufferPointer(
          rebasing: mapped.bytes[start + index * rowBytes..<start + (index + 1) * rowBytes])
      }
      let target = inputs.pointer + first * shape.count
      switch header.element {
      case .uint8: try write(bytes: sources, transform, to: target, execution)
      case .float32: try write(sources, of: Float.self, transform, to: target, execution)
      case .float64: try write(sources, of: Double.self, transform, to: target, execution)
      }
      release()
    }
  }

  private func write(
    bytes rows: [UnsafeRawBufferPointer], _ transform: ChannelTransform,
    to target: UnsafeMutablePointer<Float>, _ execution: DrawExecution
  ) throws(DatasetError) {
    let width = shape.count
    let channels = shape.channels
    // One factor and term for every element of a row: the loop below then vectorises.
    let scale = (0..<width).map { Float(transform.scale[$0 % channels] / 255) }
    let offset = (0..<width).map { Float(-transform.mean[$0 % channels] * transform.scale[$0 % channels]) }
    // Rows are apart from one another.
    nonisolated(unsafe) let (rows, target) = (rows, target)
    try execution.forEachRange(of: rows.count, width: width) { range in
      for row in range {
        let target = UnsafeMutableBufferPointer(start: target + row * width, count: width)
        Self.transform(rows[row], scale, offset, into: target)
      }
    }
  }

  private func write<Value: BinaryFloatingPoint & SendableMetatype>(
    _ rows: [UnsafeRawBufferPointer], of _: Value.Type, _ transform: ChannelTransform,
    to target: UnsafeMutablePointer<Float>, _ execution: DrawExecution
  ) throws(DatasetError) {
    let width = shape.count
    let channels = shape.channels
    nonisolated(unsafe) let (rows, target) = (rows, target)
    // In double precision: a column's mean may be large beside its deviation.
    try execution.forEachRange(of: rows.count, width: width) { range in
      for row in range {
        let source = rows[row].assumingMemoryBound(to: Value.self)
        var channel = 0
        for element in 0..<width {
          target[row * width + element] = transform(Double(source[element]), channel: channel)
          channel = channel + 1 == channels ? 0 : channel + 1
        }
      }
    }
  }

  private func raw(at index: Int, split: Split) -> UnsafeRawBufferPointer {
    let rowBytes = shape.count * header.element.size
    let start = part(split).inputs + index * rowBytes
    return UnsafeRawBufferPointer(rebasing: mapped.bytes[start..<start + rowBytes])
  }

  /// The bytes of one sample; nil where it is kept as floats.
  func bytes(at index: Int, split: Split) -> [UInt8]? {
    header.element == .uint8 ? Array(raw(at: index, split: split)) : nil
  }

  /// The values of one sample as they are kept.
  func values(at index: Int, split: Split) -> [Double] {
    let raw = raw(at: index, split: split)
    return switch header.element {
    case .uint8: raw.map(Double.init)
    case .float32: raw.assumingMemoryBound(to: Float.self).map(Double.init)
    case .float64: Array(raw.assumingMemoryBound(to: Double.self))
    }
  }

  func doubles(at index: Int, split: Split) -> [Double]? {
    header.element == .float64 ? values(at: index, split: split) : nil
  }

  private static func transform(
    _ source: UnsafeRawBufferPointer, _ scale: [Float], _ offset: [Float],
    into target: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(source.count == target.count && scale.count == target.count && offset.count == target.count)
    for element in 0..<target.count {
      target[element] = Float(source[element]) * scale[element] + offset[element]
    }
  }

  /// Whether pages that one draw needed are let go of again.
  private var isLarge: Bool { mapped.bytes.count > 256 << 20 }

  /// How much of a large data set a draw keeps resident at a time.
  private static let residentBytes = 32 << 20

  func release() {
    if isLarge { mapped.release() }
  }
}
