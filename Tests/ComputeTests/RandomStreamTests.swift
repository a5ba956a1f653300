import Compute
import Testing

@Suite struct RandomStreamTests {
  /// The known-answer vectors of Random123 (kat_vectors, philox4x32 with 10 rounds).
  @Test(arguments: [
    (
      SIMD4<UInt32>(repeating: 0), UInt64(0),
      SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
    ),
    (
      SIMD4<UInt32>(repeating: .max), UInt64.max,
      SIMD4<UInt32>(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    ),
    (
      SIMD4<UInt32>(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), UInt64(0x299f_31d0_a409_3822),
      SIMD4<UInt32>(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    ),
  ])
  func knownAnswers(counter: SIMD4<UInt32>, key: UInt64, expected: SIMD4<UInt32>) {
    #expect(Philox.block(counter: counter, key: key) == expected)
  }

  @Test func streamFollowsItsDefinition() {
    let seed: UInt64 = 0x0123_4567_89ab_cdef
    let samples = 5 << 33 | 7
    let keyBlock = Philox.block(
      counter: SIMD4(RandomPurpose.shuffle.rawValue, 3, 7, 10), key: seed)
    let key = UInt64(keyBlock.x) | UInt64(keyBlock.y) << 32
    var stream = RandomStream(seed: seed, purpose: .shuffle, samples: samples, replicate: 3, index: 11)
    for block: UInt32 in 0..<3 {
      let words = Philox.block(counter: SIMD4(block, 0, 11, 0), key: key)
      #expect(stream.next() == UInt64(words.x) | UInt64(words.y) << 32)
      #expect(stream.nextUInt32() == words.z)
      #expect(stream.nextUInt32() == words.w)
    }
  }

  @Test func skippingIsDrawingAndForgetting() {
    var drawn = RandomStream(seed: 9, purpose: .inputs)
    for _ in 0..<(5 * 4) { _ = drawn.nextUInt32() }
    var skipped = RandomStream(seed: 9, purpose: .inputs)
    skipped.skip(blocks: 5)
    #expect(drawn.next() == skipped.next())
  }

  @Test func everyPartOfTheKeyMatters() {
    var first = RandomStream(seed: 1, purpose: .draw, samples: 2, replicate: 3, index: 4)
    var others = [
      RandomStream(seed: 2, purpose: .draw, samples: 2, replicate: 3, index: 4),
      RandomStream(seed: 1, purpose: .labels, samples: 2, replicate: 3, index: 4),
      RandomStream(seed: 1, purpose: .draw, samples: 3, replicate: 3, index: 4),
      RandomStream(seed: 1, purpose: .draw, samples: 2, replicate: 4, index: 4),
      RandomStream(seed: 1, purpose: .draw, samples: 2, replicate: 3, index: 5),
    ]
    let word = first.next()
    for i in others.indices { #expect(others[i].next() != word) }
  }

  @Test func uniformAndNormalMoments() {
    var stream = RandomStream(seed: 4, purpose: .inputs)
    let count = 200_000
    var sums = (uniform: 0.0, normal: 0.0, square: 0.0, fourth: 0.0, beyond: 0)
    for _ in 0..<count {
      let u = stream.uniform()
      #expect(u >= 0 && u < 1)
      sums.uniform += u
    }
    for _ in 0..<count {
      let z = stream.normal()
      sums.normal += z
      sums.square += z * z
      sums.fourth += z * z * z * z
      if abs(z) > 1.959964 { sums.beyond += 1 }
    }
    // Five standard errors of each mean.
    let n = Double(count)
    #expect(abs(sums.uniform / n - 0.5) < 5 * (1.0 / 12 / n).squareRoot())
    #expect(abs(sums.normal / n) < 5 / n.squareRoot())
    #expect(abs(sums.square / n - 1) < 5 * (2 / n).squareRoot())
    #expect(abs(sums.fourth / n - 3) < 5 * (96 / n).squareRoot())
    #expect(abs(Double(sums.beyond) / n - 0.05) < 5 * (0.05 * 0.95 / n).squareRoot())
  }

  @Test func belowIsUniform() {
    var stream = RandomStream(seed: 5, purpose: .draw)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[Int(stream.below(7))] += 1 }
    let chiSquare = counts.reduce(0.0) { $0 + (Double($1) - 10_000) * (Double($1) - 10_000) / 10_000 }
    // The 99.99 % point of χ² with 6 degrees of freedom.
    #expect(chiSquare < 27.9)
    var large = RandomStream(seed: 5, purpose: .labels)
    let bound: UInt64 = 3 << 62
    for _ in 0..<100 { #expect(large.below(bound) < bound) }
  }

  @Test func samplesNestAndNeverRepeat() {
    var one = RandomStream(seed: 6, purpose: .draw)
    var two = RandomStream(seed: 6, purpose: .draw)
    var all = RandomStream(seed: 6, purpose: .draw)
    let few = one.sample(10, of: 1000)
    let many = two.sample(400, of: 1000)
    #expect(Array(many.prefix(10)) == few)
    #expect(Set(many).count == 400)
    #expect(many.allSatisfy { (0..<1000).contains($0) })
    #expect(all.sample(1000, of: 1000).sorted() == Array(0..<1000))
    var shuffling = RandomStream(seed: 6, purpose: .draw)
    var numbers = Array(0..<1000)
    shuffling.shuffle(&numbers)
    #expect(Array(numbers.prefix(400)) == many)
  }

  @Test func dropoutMaskFollowsItsStream() {
    let stream = RandomStream(seed: 8, purpose: .dropout, index: 3)
    var words = stream
    let mask = Buffer<Float>(count: 1003)
    Float.dropoutMask(mask.count, 0.25, stream, mask.pointer)
    for i in 0..<mask.count {
      #expect(mask[i] == (words.nextUInt32() < 1 << 30 ? 0 : 1 / 0.75))
    }
  }
}
