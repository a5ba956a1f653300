/// Marks at their places on one axis, stacked along the other so that none covers another: each takes the lowest level at
/// which it has its width to itself. A mark is never moved from its place, which says what it is a mark of: where more share
/// a place than have room, they are slices of one bar.
package struct DotStack {
  /// The place of each mark, as it was given.
  package let places: [Double]
  /// The level of each mark, from 0.
  package let levels: [Int]
  package let radius: Double
  /// From one level to the next.
  package let pitch: Double

  /// The height of all levels.
  package var height: Double { levels.isEmpty ? 0 : Double((levels.max() ?? 0) + 1) * pitch }

  /// Whether there is too little room for marks, which are slices then.
  package var isCrowded: Bool { pitch < 2 * radius }

  /// The largest marks whose levels fit into `height`; where none do, slices as wide as the smallest ones.
  ///
  /// - Parameter isLast: marks that are stacked when all others have their levels.
  package init(
    _ places: [Double], isLast: [Bool]? = nil, height limit: Double,
    radii: [Double] = [4.2, 3.8, 3.4, 3, 2.6, 2.2]
  ) {
    let order = places.indices.sorted { first, second in
      let (a, b) = (isLast?[first] ?? false, isLast?[second] ?? false)
      return a == b ? (places[first], first) < (places[second], second) : !a
    }
    self.places = places
    for (index, radius) in radii.enumerated() {
      let levels = Self.levels(places, order, width: 2 * radius + 1)
      let needed = Double((levels.max() ?? -1) + 1)
      let isFitting = needed * (2 * radius + 1.2) <= limit
      if isFitting || index == radii.count - 1 {
        self.levels = levels
        self.radius = radius
        pitch = isFitting ? 2 * radius + 1.2 : limit / needed
        return
      }
    }
    preconditionFailure("the last radius is always taken")
  }

  /// From the height on which the stack stands to the middle of the mark at an index.
  package func distance(_ index: Int) -> Double {
    (isCrowded ? pitch / 2 : radius) + Double(levels[index]) * pitch
  }

  private static func levels(_ places: [Double], _ order: [Int], width: Double) -> [Int] {
    var levels = [Int](repeating: 0, count: places.count)
    // The places of each level, ascending.
    var taken: [[Double]] = []
    for index in order {
      let place = places[index]
      var level = 0
      while level < taken.count {
        let next = taken[level].partition { $0 <= place }
        let isFree =
          (next == 0 || place - taken[level][next - 1] >= width - 1e-9)
          && (next == taken[level].count || taken[level][next] - place >= width - 1e-9)
        if isFree { break }
        level += 1
      }
      if level == taken.count { taken.append([]) }
      taken[level].insert(place, at: taken[level].partition { $0 <= place })
      levels[index] = level
    }
    return levels
  }
}

extension [Double] {
  /// How many at the beginning of an ordered array have a property that only they have.
  fileprivate func partition(_ isBefore: (Double) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
