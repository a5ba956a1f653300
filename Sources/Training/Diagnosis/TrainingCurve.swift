import Foundation

/// Loss and accuracy over the steps, at the epochs that end at or beyond the next of a fixed sequence of steps:
/// 1, 2, 3, … 24 and from there each a twenty-fourth beyond the last point. So there are at most 500 points up to 10⁹ steps,
/// and which they are depends on the steps alone, neither on the guard nor on where training was interrupted.
package struct TrainingCurve: Sendable, Hashable, Codable {
  /// The most points that there can be.
  package static let capacity = 500

  /// Steps taken when the epoch ended, ascending.
  package private(set) var steps: [Int] = []
  /// The epoch's mean loss, each batch where it was met.
  package private(set) var loss: [Double] = []
  /// The part of the epoch's samples whose own logit was strictly the largest, each where it was met.
  package private(set) var accuracy: [Double] = []

  /// No points yet; none will allocate.
  package init() {
    steps.reserveCapacity(Self.capacity)
    loss.reserveCapacity(Self.capacity)
    accuracy.reserveCapacity(Self.capacity)
  }

  /// Takes note of an epoch that ended with `step` steps taken, if it is due.
  package mutating func endEpoch(step: Int, loss: Double, accuracy: Double) {
    if let last = steps.last, step < last + 1 + last / 24 { return }
    guard steps.count < Self.capacity else { return }
    steps.append(step)
    self.loss.append(loss)
    self.accuracy.append(accuracy)
  }

  /// The slope of ln loss over ln steps and its standard error, by least squares over the points of the last
  /// `doublings` doublings of the steps; nil with fewer than five finite ones.
  package func logarithmicSlope(doublings: Double) -> (slope: Double, standardError: Double)? {
    guard let end = steps.last else { return nil }
    let start = log(Double(end)) - doublings * log(2)
    let points = zip(steps, loss)
      .map { (x: log(Double($0)), loss: $1) }
      .filter { $0.x > start && $0.loss > 0 && $0.loss.isFinite }
      .map { (x: $0.x, y: log($0.loss)) }
    let count = Double(points.count)
    guard count >= 5 else { return nil }
    let meanX = points.reduce(0) { $0 + $1.x } / count
    let meanY = points.reduce(0) { $0 + $1.y } / count
    let squares = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    let slope = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / squares
    let residuals = points.reduce(0.0) { sum, point in
      let residual = point.y - meanY - slope * (point.x - meanX)
      return sum + residual * residual
    }
    return (slope, (residuals / (count - 2) / squares).squareRoot())
  }

  /// Whether the loss has changed by more than a thousandth of itself.
  var hasMoved: Bool {
    let finite = loss.filter(\.isFinite)
    guard let least = finite.min(), let most = finite.max() else { return true }
    return most - least > 1e-3 * most || finite.count < loss.count
  }

  /// The point with the lowest loss.
  var lowest: (step: Int, loss: Double)? {
    zip(steps, loss).filter { $1.isFinite }.min { $0.1 < $1.1 }.map { ($0.0, $0.1) }
  }
}
