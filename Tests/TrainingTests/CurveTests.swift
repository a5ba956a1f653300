import Foundation
import Testing
import Training

@Suite("Curve of a probe")
struct CurveTests {
  private func curve(epochs: some Sequence<Int>, loss: (Double) -> Double = { _ in 1 }) -> TrainingCurve {
    var curve = TrainingCurve()
    for step in epochs { curve.endEpoch(step: step, loss: loss(Double(step)), accuracy: 0.5) }
    return curve
  }

  @Test("has every early epoch, then points within a twenty-fourth of each other, and never more than 500")
  func rule() {
    let all = curve(epochs: 1...100_000)
    #expect(all.steps.prefix(24) == Array(1...24)[...])
    for (point, next) in zip(all.steps, all.steps.dropFirst()) {
      #expect(next == point + 1 + point / 24)
    }
    // As far as a guard may go, by the steps that count alone.
    var step = 0
    var points: [Int] = []
    while step < 1_000_000_000 {
      step += 1 + step / 24
      points.append(step)
    }
    let longest = curve(epochs: points)
    #expect(longest.steps == points)
    #expect(points.count <= 500)
  }

  @Test("points are at ends of epochs, the first at or beyond each step that is due")
  func epochs() {
    let curve = curve(epochs: stride(from: 7, through: 7000, by: 7))
    #expect(curve.steps.allSatisfy { $0 % 7 == 0 })
    #expect(curve.steps.prefix(3) == [7, 14, 21])
    for (point, next) in zip(curve.steps, curve.steps.dropFirst()) {
      #expect(next - 7 < point + 1 + point / 24 && point + 1 + point / 24 <= next)
    }
  }

  @Test("the slope of a power law is its exponent, over the doublings asked for")
  func slope() throws {
    let falling = curve(epochs: 1...10_000) { 3 * pow($0, -0.3) }
    let found = try #require(falling.logarithmicSlope(doublings: 2))
    #expect(abs(found.slope + 0.3) < 1e-12 && found.standardError < 1e-12)
    // Flat at first, then rising as the square.
    let bent = curve(epochs: 1...10_000) { max(1, pow($0 / 2000, 2)) }
    #expect(abs(try #require(bent.logarithmicSlope(doublings: 2)).slope - 2) < 1e-12)
    #expect(abs(try #require(bent.logarithmicSlope(doublings: 12)).slope - 2) > 1)
    #expect(curve(epochs: [1, 2, 3, 4]).logarithmicSlope(doublings: 9) == nil)
  }

  @Test("the standard error is that of a line with known scatter")
  func standardError() throws {
    // ln loss alternates by ±0.1 about its mean: no slope beyond twice the error.
    let curve = curve(epochs: (0..<8).map { 1 << $0 }) { Int(log2($0)) % 2 == 0 ? exp(0.1) : exp(-0.1) }
    let found = try #require(curve.logarithmicSlope(doublings: 10))
    // Σ(x − x̄)² = 42 ln²2; Σ(x − x̄) y = −0.4 ln 2, so the residual sum is 0.08 − 0.16/42.
    #expect(abs(found.slope - -0.4 / 42 / log(2)) < 1e-12)
    let expected = ((0.08 - 0.16 / 42) / 6 / 42).squareRoot() / log(2)
    #expect(abs(found.standardError - expected) < 1e-12)
  }
}
