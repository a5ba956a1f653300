/// What images turned out to be while they were decoded.
struct ImageCensus: Sendable {
  /// How many there were of each kind.
  private(set) var kinds: [ImageKind: Int] = [:]
  /// Height and width of the smallest and the largest, by pixels.
  private(set) var smallest: [Int]?
  private(set) var largest: [Int]?
  /// Those that EXIF data say are to be turned.
  var turned = 0
  /// Images of which a decoder had something to say, and the first few of its words.
  private(set) var warned = 0
  private(set) var warnings: [String] = []
  /// The kind of the last image.
  private(set) var kind: ImageKind?

  mutating func count(_ kind: ImageKind, height: Int, width: Int) {
    kinds[kind, default: 0] += 1
    self.kind = kind
    compare([height, width])
  }

  private mutating func compare(_ size: [Int]) {
    func pixels(_ size: [Int]) -> Int { size[0] * size[1] }
    if smallest.map({ pixels($0) > pixels(size) }) ?? true { smallest = size }
    if largest.map({ pixels($0) < pixels(size) }) ?? true { largest = size }
  }

  mutating func warn(_ text: String) {
    warned += 1
    if warnings.count < 5 { warnings.append(text) }
  }

  /// Adds what another thread has seen of later images.
  mutating func add(_ other: ImageCensus) {
    kinds.merge(other.kinds) { $0 + $1 }
    for size in [other.smallest, other.largest].compactMap({ $0 }) { compare(size) }
    turned += other.turned
    warned += other.warned
    warnings = Array((warnings + other.warnings).prefix(5))
  }
}
