import CKernels

/// What random numbers are drawn for; streams of different purposes never meet.
///
/// The numbers are part of every result's identity: they are never reused or changed.
package enum RandomPurpose: UInt32, Sendable, CaseIterable {
  case draw = 1
  case labels = 2
  case inputs = 3
  case initialization = 4
  case shuffle = 5
  case dropout = 6
  case lanczos = 7
  case subspace = 8
  case quantization = 9
  case corruption = 10
  case permutation = 11
  case augmentation = 12
  // 13 was a test of learning rates that is no more.
  case teacher = 14
  case prototypes = 15
  case power = 16
  case noise = 17
  case partition = 18
  case bootstrap = 19
  case perturbation = 20
  case search = 21
  case simulation = 22
}

/// The random stream of (seed, purpose, samples, replicate, index): the same bits on every machine, and skippable.
///
/// A counter-based generator, Philox4x32-10. Its key is the first 64 bits of Philox(key: seed,
/// counter: (purpose, replicate, samples low, samples high)); block i of the stream is
/// Philox(key, counter: (i low, i high, index low, index high)), four words of 32 bits.
package struct RandomStream: RandomNumberGenerator, Sendable {
  /// The key that seed, purpose, samples and replicate give.
  package let key: UInt64
  /// The upper half of every counter.
  package let index: UInt64
  /// The block that is made when the current one is used up.
  package private(set) var nextBlock: UInt64 = 0
  private var words = SIMD4<UInt32>()
  private var used = 4
  private var spareNormal: Double?

  /// The stream at its start.
  package init(seed: UInt64, purpose: RandomPurpose, samples: Int = 0, replicate: Int = 0, index: Int = 0) {
    let counter = SIMD4(
      purpose.rawValue, UInt32(truncatingIfNeeded: replicate), UInt32(truncatingIfNeeded: samples),
      UInt32(truncatingIfNeeded: samples >> 32))
    let block = Philox.block(counter: counter, key: seed)
    key = UInt64(block.x) | UInt64(block.y) << 32
    self.index = UInt64(bitPattern: Int64(index))
  }

  /// The stream of the same key at another index, at its start.
  package init(_ stream: RandomStream, index: Int) {
    key = stream.key
    self.index = UInt64(bitPattern: Int64(index))
  }

  /// The next 32 bits.
  package mutating func nextUInt32() -> UInt32 {
    if used == 4 {
      words = Philox.block(
        counter: SIMD4(
          UInt32(truncatingIfNeeded: nextBlock), UInt32(truncatingIfNeeded: nextBlock >> 32),
          UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32)),
        key: key)
      nextBlock &+= 1
      used = 0
    }
    defer { used += 1 }
    return words[used]
  }

  /// The next 64 bits: the word that comes first is the lower half.
  package mutating func next() -> UInt64 {
    let low = UInt64(nextUInt32())
    return low | UInt64(nextUInt32()) << 32
  }

  /// Leaves what is left of the current block and passes over as many whole blocks.
  package mutating func skip(blocks: UInt64) {
    nextBlock &+= blocks
    used = 4
    spareNormal = nil
  }

  /// Uniform in [0, 1), a multiple of 2⁻⁵³.
  package mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// Standard normal, by Box and Muller's transform of two uniforms into two normals.
  package mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    let radius = (-2 * emc_portable_log(1 - uniform())).squareRoot()
    var cosine = 0.0
    var sine = 0.0
    emc_portable_cosine_sine(uniform(), &cosine, &sine)
    spareNormal = radius * sine
    return radius * cosine
  }

  /// Uniform in 0 ..< bound, without bias (Lemire, "Fast Random Integer Generation in an Interval", 2019).
  package mutating func below(_ bound: UInt64) -> UInt64 {
    precondition(bound > 0, "an empty range has no elements")
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return product.high
  }
}
