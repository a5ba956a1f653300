import Compute

/// The label side of a request: grouping first, then the regime.
struct Labelling<Source: SampleSource> {
  let source: Source
  let request: SubsetRequest
  let execution: DrawExecution

  private var key: DrawKey { DrawKey(request.key) }

  /// Number of classes after grouping.
  var classes: Int {
    switch request.classes {
    case .original: source.classes
    case .merged(let count): count
    case .oneAgainstRest: 2
    }
  }

  func validate() throws(DatasetError) {
    switch request.classes {
    case .original: break
    case .merged(let count):
      guard 2...max(2, source.classes) ~= count, count <= source.classes else {
        throw .invalidOption(option: "merged classes", value: "\(count)", allowed: "2 to \(source.classes)")
      }
    case .oneAgainstRest(let label):
      guard 0..<source.classes ~= label else {
        throw .invalidOption(option: "class", value: "\(label)", allowed: "0 to \(source.classes - 1)")
      }
    }
    if case .corrupted(let fraction) = request.labels {
      guard 0...1 ~= fraction else {
        throw .invalidOption(option: "fraction", value: "\(fraction)", allowed: "0 to 1")
      }
    }
  }

  /// The labels of the samples at `indices` under the regime.
  func labels(at indices: [Int]) throws(DatasetError) -> [Int32] {
    switch request.labels {
    case .original:
      return try grouped(at: indices)
    case .random:
      return indices.map { index in
        var stream = key.stream(.labels, index: index)
        return Int32(stream.below(UInt64(classes)))
      }
    case .corrupted(let fraction):
      var labels = try grouped(at: indices)
      for (position, index) in indices.enumerated() {
        var stream = key.stream(.corruption, index: index)
        let replaced = stream.uniform() < fraction
        if replaced { labels[position] = Int32(stream.below(UInt64(classes))) }
      }
      return labels
    case .shuffled:
      return try shuffled(at: indices)
    }
  }

  private func shuffled(at indices: [Int]) throws(DatasetError) -> [Int32] {
    let stream = key.stream(.labels)
    guard key.nested else {
      let labels = try grouped(at: indices)
      return Draw.uniform(labels.count, of: labels.count, stream: stream).map { labels[$0] }
    }
    guard let count = source.count(of: request.split) else {
      throw .invalidOption(
        option: "labels", value: "shuffled with nested subsets",
        allowed: "data sets with an end (generated data have none); use independent subsets")
    }
    let permutation = Draw.uniform(count, of: count, stream: stream)
    return try grouped(at: indices.map { permutation[$0] })
  }

  private func grouped(at indices: [Int]) throws(DatasetError) -> [Int32] {
    let labels = try source.labels(at: indices, split: request.split, key: key, execution: execution)
    return labels.map(group)
  }

  private func group(_ label: Int32) -> Int32 {
    switch request.classes {
    case .original: label
    case .merged(let count): Int32(Int(label) * count / source.classes)
    case .oneAgainstRest(let chosen): Int(label) == chosen ? 1 : 0
    }
  }

  /// The indices of each class, in order: of the whole split, or of as long a start of endless data as has
  /// enough of every class.
  func members(upTo count: Int?) throws(DatasetError) -> [[Int]] {
    var members = [[Int]](repeating: [], count: classes)
    let needed = (request.samples + classes - 1) / classes
    var next = 0
    while true {
      try execution.poll()
      let end = count ?? (next + max(1_024, request.samples))
      let indices = Array(next..<end)
      for (index, label) in zip(indices, try grouped(at: indices)) { members[Int(label)].append(index) }
      guard count == nil, members.contains(where: { $0.count < needed }) else { break }
      next = end
      guard next < 64 * (request.samples + 1_024) * classes else {
        throw .tooFewSamples(asked: request.samples, available: (members.map(\.count).min() ?? 0) * classes)
      }
    }
    // Of endless data the first of each class are taken, so that more samples never change the earlier ones.
    return count == nil ? members.map { Array($0.prefix(needed)) } : members
  }
}
