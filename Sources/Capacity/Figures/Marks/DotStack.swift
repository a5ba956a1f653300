/// Marks that keep their exact place on one axis and are stacked along the other, so that none covers another: each takes
/// the lowest level at which it has its width to itself.
struct DotStack {
  /// The level of each mark, from 0, in the order of the places.
  let levels: [Int]
  let radius: Double
  /// From one level to the next.
  let pitch: Double

  /// The height of all levels.
  var height: Double { levels.isEmpty ? 0 : Double((levels.max() ?? 0) + 1) * pitch }

  /// Marks of the largest radius, from the widest down to the narrowest, with which all levels fit into `height`; where none
  /// does, levels of the narrowest marks overlap.
  init(_ places: [Double], height limit: Double, radius widest: Double = 4.2, narrowest: Double = 2) {
    var radius = widest
    while true {
      let levels = Self.levels(places, width: 2 * radius + 1)
      let needed = Double((levels.max() ?? -1) + 1)
      let pitch = 2 * radius + 1.2
      if needed * pitch <= limit || radius <= narrowest {
        self.levels = levels
        self.radius = radius
        self.pitch = needed * pitch <= limit ? pitch : limit / needed
        return
      }
      radius = max(narrowest, radius - 0.4)
    }
  }

  private static func levels(_ places: [Double], width: Double) -> [Int] {
    var levels = [Int](repeating: 0, count: places.count)
    // Where the last mark of each level ends.
    var ends: [Double] = []
    for index in places.indices.sorted(by: { (places[$0], $0) < (places[$1], $1) }) {
      let level = ends.firstIndex { $0 <= places[index] } ?? ends.count
      if level == ends.count { ends.append(0) }
      ends[level] = places[index] + width
      levels[index] = level
    }
    return levels
  }
}
