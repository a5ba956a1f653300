/// How often the same training sample occurs, and with which labels, while samples go by.
///
/// Samples are told apart by 64 bits of their content: among a million, two different ones are taken for the
/// same once in forty million data sets.
struct RowCensus {
  /// Samples that are looked at; of a larger data set nothing is told, since the table of what was seen would
  /// outgrow what decoding needs.
  static let limit = 4_000_000

  private var seen: [UInt64: Int32] = [:]
  private var conflicting: Set<UInt64> = []
  private(set) var samples = 0
  /// Samples that are the same as an earlier one.
  private(set) var duplicates = 0
  private var perContent: [UInt64: Int] = [:]

  /// Whether every sample was looked at.
  var isComplete: Bool { samples <= Self.limit }
  /// Samples that share their content with one of another label.
  var conflicts: Int { conflicting.reduce(0) { $0 + (perContent[$1] ?? 0) } }

  /// Takes the samples in `bytes`, one after the other.
  mutating func add(_ bytes: UnsafeRawBufferPointer, labels: [Int32]) {
    guard !labels.isEmpty else { return }
    let width = bytes.count / labels.count
    samples += labels.count
    guard isComplete else {
      (seen, conflicting, perContent) = ([:], [], [:])
      return
    }
    for (row, label) in labels.enumerated() {
      let hash = Self.hash(UnsafeRawBufferPointer(rebasing: bytes[row * width..<(row + 1) * width]))
      guard let first = seen[hash] else {
        seen[hash] = label
        continue
      }
      duplicates += 1
      perContent[hash, default: 1] += 1
      if first != label { conflicting.insert(hash) }
    }
  }

  /// Multiply and fold over eight bytes at a time, four lanes apart so that they don't wait for one another.
  private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var lanes = SIMD4<UInt64>(0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb, 1)
    var offset = 0
    while offset + 32 <= bytes.count {
      for lane in 0..<4 {
        let word = bytes.loadUnaligned(fromByteOffset: offset + lane * 8, as: UInt64.self)
        lanes[lane] = mixed(lanes[lane] ^ word)
      }
      offset += 32
    }
    var hash = UInt64(bytes.count)
    while offset < bytes.count {
      hash = mixed(hash ^ UInt64(bytes[offset]))
      offset += 1
    }
    for lane in 0..<4 { hash = mixed(hash ^ lanes[lane]) }
    return hash
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    let product = value.multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
    return product.high ^ product.low
  }
}
