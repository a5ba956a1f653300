import Compute

/// Samples with identical inputs and different labels: no network fits all of them.
struct ConflictingDuplicates {
  /// Groups of identical inputs that have more than one label.
  private(set) var groups = 0
  /// Samples that must stay unfit: of each group all but those with its most frequent label.
  private(set) var unfittable = 0
  /// The positions of the first groups' samples.
  private(set) var samples: [Int] = []

  init<S: Scalar>(_ set: TrainingSet<S>) {
    let width = set.shape.count
    let rows = SampleRows(set)
    let hashes = (0..<set.count).map { S.hash(width, rows.row($0)) }
    var order = Array(0..<set.count)
    order.sort { (hashes[$0], $0) < (hashes[$1], $1) }
    var conflicts: [[Int]] = []
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, hashes[order[end]] == hashes[order[start]] { end += 1 }
      if end - start > 1 {
        let groups = Self.groups(of: order[start..<end]) {
          S.areEqual(width, rows.row($0), rows.row($1, second: true))
        }
        conflicts += groups.filter { group in Set(group.map { set.labels[$0] }).count > 1 }
      }
      start = end
    }
    conflicts.sort { $0[0] < $1[0] }
    groups = conflicts.count
    for group in conflicts {
      let frequencies = Dictionary(grouping: group) { set.labels[$0] }.values.map(\.count)
      unfittable += group.count - (frequencies.max() ?? 0)
      if samples.count < 20 { samples += group.prefix(20 - samples.count) }
    }
  }

  /// The classes of an equivalence, each in the order of its elements.
  private static func groups(of elements: ArraySlice<Int>, where isSame: (Int, Int) -> Bool) -> [[Int]] {
    elements.reduce(into: []) { groups, element in
      if let i = groups.firstIndex(where: { isSame($0[0], element) }) {
        groups[i].append(element)
      } else {
        groups.append([element])
      }
    }
  }
}

/// The inputs of single samples, two at a time, whether they are in memory or made.
private final class SampleRows<S: Scalar> {
  private let set: TrainingSet<S>
  private let position = IndexBuffer(count: 1)
  private let made: [Buffer<S>]
  private let scratch: Buffer<Float>

  init(_ set: TrainingSet<S>) {
    self.set = set
    made = (0..<2).map { _ in Buffer(count: set.stream == nil ? 0 : set.shape.count) }
    scratch = Buffer(count: set.scratchCount(1))
  }

  func row(_ sample: Int, second: Bool = false) -> UnsafePointer<S> {
    guard set.stream != nil else { return UnsafePointer(set.inputs.pointer + sample * set.shape.count) }
    position.pointer[0] = Int32(sample)
    let row = made[second ? 1 : 0]
    set.gather(1, position.pointer, into: row, scratch: scratch)
    return UnsafePointer(row.pointer)
  }
}

extension Scalar {
  /// FNV-1a over the elements' bits; zeros of both signs are one number.
  fileprivate static func hash(_ count: Int, _ x: UnsafePointer<Self>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for i in 0..<count {
      let bits = x[i] == 0 ? 0 : Double(x[i]).bitPattern
      hash = (hash ^ bits) &* 0x100_0000_01b3
      hash ^= hash >> 29
    }
    return hash
  }

  fileprivate static func areEqual(
    _ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>
  ) -> Bool {
    for i in 0..<count where x[i] != y[i] { return false }
    return true
  }
}
