/// Marks at their places on one axis, stacked along the other so that none covers another: each takes the lowest level at
/// which it has its width to itself. Where many share a place they stand in columns around it.
package struct DotStack {
  /// The place of each mark, moved from the one given only where columns are needed, in the order given.
  package let places: [Double]
  /// The level of each mark, from 0.
  package let levels: [Int]
  package let radius: Double
  /// From one level to the next.
  package let pitch: Double

  /// The height of all levels.
  package var height: Double { levels.isEmpty ? 0 : Double((levels.max() ?? 0) + 1) * pitch }

  /// The fewest columns and, of these, the largest marks whose levels fit into `height`; where none do, levels of the
  /// smallest marks overlap.
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
    let forms = Self.forms(radii)
    for (index, (columns, radius)) in forms.enumerated() {
      let moved = Self.inColumns(places, columns, width: 2 * radius + 1)
      let levels = Self.levels(moved, order, width: 2 * radius + 1)
      let needed = Double((levels.max() ?? -1) + 1)
      if needed * (2 * radius + 1.2) <= limit || index == forms.count - 1 {
        self.places = moved
        self.levels = levels
        self.radius = radius
        pitch = needed * (2 * radius + 1.2) <= limit ? 2 * radius + 1.2 : limit / needed
        return
      }
    }
    preconditionFailure("the last form is always taken")
  }

  /// One column down to marks of a middling size, then more columns, then one of the smallest.
  private static func forms(_ radii: [Double]) -> [(columns: Int, radius: Double)] {
    let large = radii.prefix(max(1, radii.count / 2))
    return large.map { (1, $0) }
      + (2...6).flatMap { columns in radii.prefix(max(1, radii.count - 1)).map { (columns, $0) } }
      + radii.suffix(1).map { (1, $0) }
  }

  /// Marks that share a place, side by side around it in turn.
  private static func inColumns(_ places: [Double], _ columns: Int, width: Double) -> [Double] {
    guard columns > 1 else { return places }
    let sharing = places.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    var placed: [Double: Int] = [:]
    return places.map { place in
      let column = placed[place, default: 0] % columns
      placed[place, default: 0] += 1
      return place + (Double(column) - Double(min(columns, sharing[place] ?? 1) - 1) / 2) * width
    }
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
