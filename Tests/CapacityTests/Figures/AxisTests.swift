import Capacity
import Foundation
import Testing

/// Where axes are marked, how wide texts are, and how numbers are written.
@Suite struct AxisTests {
  private func labels(_ ticks: [Tick]) -> [String] { ticks.compactMap(\.label) }

  @Test func linearMarksAreRound() {
    #expect(labels(Ticks.linear(0...1, count: 6)) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(labels(Ticks.linear(-0.3...0.3, count: 4)) == ["−0.2", "0.0", "0.2"])
    #expect(
      labels(Ticks.linear(0...123_456, count: 7)) == ["0", "50,000", "100,000"])
    // The doubles nearest to the decimals, not sums of steps.
    #expect(
      Ticks.linear(0...1, count: 11).map(\.value) == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
  }

  @Test func logarithmicMarksAreRoundAndHaveRoom() {
    #expect(labels(Ticks.logarithmic(1...1000, count: 4)) == ["1", "10", "100", "1,000"])
    #expect(
      labels(Ticks.logarithmic(1...1000, count: 12)) == [
        "1", "2", "5", "10", "20", "50", "100", "200", "500", "1,000",
      ])
    // Whatever the domain, no mark lies outside of it: minor ones of 0.4 samples were at thirds.
    for low in [1.3, 2.1, 3.4, 15.7, 93.2, 460] {
      for factor in [1.2, 1.9, 3.1, 7.7] {
        let domain = low...low * factor
        let marks = Ticks.logarithmic(domain, count: 6).map(\.value)
        #expect(marks.count >= 2 && marks == marks.sorted() && Set(marks).count == marks.count)
        #expect(
          marks.allSatisfy { $0 > low * 0.999_999 && $0 < low * factor * 1.000_001 }, "\(domain): \(marks)")
      }
    }
    #expect(labels(Ticks.logarithmic(1...1e12, count: 5)) == ["1", "1,000", "1M", "1G", "1T"])
    #expect(labels(Ticks.logarithmic(700...1600, count: 8)) == ["800", "1,000", "1,200", "1,400", "1,600"])
    #expect(labels(Ticks.logarithmic(0.01...1, count: 3)) == ["0.01", "0.1", "1"])
    #expect(labels(Ticks.logarithmic(2_000_000...30_000_000, count: 6)) == ["2M", "5M", "10M", "20M"])
  }

  /// Over many domains: at least three labels, ascending, within the domain, none nearer than their room.
  @Test func labelsNeverCollide() {
    for exponent in stride(from: -2.0, through: 6, by: 0.37) {
      for width in stride(from: 0.02, through: 7, by: 0.23) {
        for count in [2, 3, 5, 8, 11] {
          let domain = pow(10, exponent)...pow(10, exponent + width)
          let marks = Ticks.logarithmic(domain, count: count)
          let labelled = marks.filter { $0.label != nil }.map { log10($0.value) }
          #expect(labelled.count >= 3, "\(domain) \(count)")
          #expect(marks.map(\.value) == marks.map(\.value).sorted())
          #expect(labelled.allSatisfy { $0 >= exponent - 1e-6 && $0 <= exponent + width + 1e-6 })
          #expect(Set(labels(marks)).count == labelled.count, "\(labels(marks))")
          let nearest = zip(labelled, labelled.dropFirst()).map { $1 - $0 }.min() ?? width
          #expect(nearest >= 0.6 * width / Double(count + 2), "\(labels(marks)) of \(domain), \(count)")
        }
      }
    }
  }

  /// Between 8.5 and 88 lies one power of ten.
  @Test func whereOnePowerOfTenLiesItsMultiplesHaveLabelsToo() {
    let marks = Ticks.logarithmic(8.5...88, count: 3)
    #expect(labels(marks) == ["9", "30", "80"])
    #expect(marks.map(\.value) == [9, 10, 20, 30, 40, 50, 60, 70, 80])
  }

  @Test func scalesPlaceValues() {
    let linear = AxisScale(.linear, -1...3, start: 100, end: 500)
    #expect(linear.place(-1) == 100 && linear.place(3) == 500 && linear.place(1) == 300)
    let downwards = AxisScale(.logarithmic, 1...10_000, start: 400, end: 0)
    #expect(abs(downwards.place(100) - 200) < 1e-9 && abs(downwards.place(1) - 400) < 1e-9)
    #expect(downwards.clampedPlace(1e9) == 0 && downwards.clampedPlace(0) == 400)
  }

  @Test func placesAreWrittenShort() {
    let cases: [(Double, String)] = [
      (0, "0"), (-0.001, "0"), (1.005, "1"), (2.5, "2.5"), (-3.14159, "-3.14"), (10.999, "11"),
      (0.07, "0.07"),
      (1e9, "1000000000"),
    ]
    for (value, text) in cases { #expect(value.pixels == text) }
  }

  /// Helvetica's own widths, from its AFM file: "EMC" is 667 + 833 + 722, "0.5" is 556 + 278 + 556.
  @Test func textsAreAsWideAsTheirCharacters() {
    let metrics = TextMetrics(size: 10)
    #expect(abs(metrics.width("EMC") - 22.22 * 1.04) < 1e-9)
    #expect(abs(metrics.width("0.5") - 13.9 * 1.04) < 1e-9)
    #expect(
      metrics.lines("one two three", width: metrics.width("one two") + 0.1, limit: 3) == ["one two", "three"])
    let cut = metrics.lines(String(repeating: "word ", count: 60), width: 100, limit: 2)
    #expect(cut.count == 2 && cut[1].hasSuffix("…") && cut.allSatisfy { metrics.width($0) <= 100 })
    #expect(metrics.width(metrics.shortened(String(repeating: "W", count: 99), to: 50)) <= 50)
  }

  @Test func stackedMarksDoNotTouch() {
    let places = [10, 10, 10, 12, 15, 40, 40, 41, 200, 200.0]
    let stack = DotStack(places, height: 100)
    #expect(stack.places == places)
    for i in places.indices {
      for j in places.indices where i < j && stack.levels[i] == stack.levels[j] {
        #expect(abs(places[i] - places[j]) >= 2 * stack.radius)
      }
    }
    #expect(stack.pitch >= 2 * stack.radius && stack.height <= 100)
    #expect(DotStack([], height: 100).height == 0)
    // So many that nothing helps: they are slices, within the height all the same.
    let crowd = DotStack((0..<2000).map { Double($0 % 50) / 10 }, height: 80)
    #expect(crowd.isCrowded && crowd.height <= 80.001 && crowd.levels.count == 2000)
  }

  /// A place says what a mark is a mark of: however many share it, none is moved to another.
  @Test(arguments: [3, 16, 200]) func marksThatShareAPlaceStayThere(count: Int) {
    let places = [Double](repeating: 30, count: count) + [31]
    let stack = DotStack(places, height: 20, radii: [2, 1.6, 1.3])
    #expect(stack.places == places)
    #expect(Set(stack.levels).count == count + 1 && stack.height <= 20.001)
    let distances = places.indices.map(stack.distance)
    #expect(distances.allSatisfy { $0 > 0 && $0 < 20 } && Set(distances).count == count + 1)
  }
}
