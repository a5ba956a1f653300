import Compute
import Foundation
import Testing

/// Activations against their definitions with the C library, and their derivatives against differences.
@Suite struct ActivationKernelTests {
  func reference(_ kind: ActivationKind, _ z: Double) -> Double {
    switch kind {
    case .identity: z
    case .relu: max(z, 0)
    case .leakyReLU: z > 0 ? z : 0.01 * z
    case .elu: z > 0 ? z : expm1(z)
    case .silu: z / (1 + exp(-z))
    case .gelu: z * 0.5 * erfc(-z / 2.0.squareRoot())
    case .tanh: Foundation.tanh(z)
    case .sigmoid: 1 / (1 + exp(-z))
    }
  }

  /// dⁿσ/dzⁿ by a five-point difference of dⁿ⁻¹σ/dzⁿ⁻¹; no point of the grid lies near a kink.
  func difference(_ f: (Double) -> Double, _ z: Double) -> Double {
    let h = 1e-3
    return (8 * (f(z + h) - f(z - h)) - (f(z + 2 * h) - f(z - 2 * h))) / (12 * h)
  }

  @Test(arguments: ActivationKind.allCases, [(1, 1), (37, 3), (5, 64), (3, 100)])
  func valuesAndDerivatives(kind: ActivationKind, shape: (Int, Int)) {
    let (rows, columns) = shape
    let count = rows * columns
    let raw = (0..<count).map { -6.05 + 12 * Double($0) / Double(count) }
    let bias = Buffer<Double>((0..<columns).map { 0.01 * Double($0 % 3) })
    let sums = (0..<count).map { raw[$0] + bias[$0 % columns] }
    let z = Buffer<Double>(raw)
    let a = Buffer<Double>(count: count)
    let inPlace = Buffer<Double>(raw)
    Double.biasActivation(kind, rows, columns, bias.pointer, z.pointer, a.pointer)
    Double.biasActivation(kind, rows, columns, bias.pointer, inPlace.pointer, inPlace.pointer)
    #expect(z.array == sums)
    #expect(a.array == inPlace.array)
    for i in 0..<count {
      let exact = reference(kind, sums[i])
      // The far tail of gelu loses what the square in its exponent is rounded by.
      #expect(abs(a[i] - exact) <= 4e-15 * abs(exact) + 1e-18)
    }

    let saved = kind.savesInput ? z : a
    let d = Buffer<Double>((0..<count).map { 1 + 0.5 * Double($0 % 5) })
    let before = d.copy()
    let biasGradient = Buffer<Double>(count: columns)
    Double.activationBackward(kind, rows, columns, saved.pointer, d.pointer, 0, biasGradient.pointer)
    for i in 0..<count where abs(sums[i]) > 1e-2 {
      #expect(abs(d[i] / before[i] - difference({ reference(kind, $0) }, sums[i])) < 1e-9)
    }
    for c in 0..<columns {
      let sum = stride(from: c, to: count, by: columns).reduce(0.0) { $0 + d[$1] }
      #expect(abs(biasGradient[c] - sum) < 1e-12 * Double(rows))
    }

    // σ and σ' at once are the same numbers.
    let (slope, again) = (Buffer<Double>(raw), Buffer<Double>(count: count))
    Double.biasActivationSlope(kind, rows, columns, bias.pointer, slope.pointer, again.pointer)
    #expect(again.array == a.array)
    for i in 0..<count { #expect(slope[i] * before[i] == d[i]) }

    // With ∂L/∂a = 1, no tangent of its own and ż = 1, the backward tangent is σ''.
    let ones = Buffer<Double>(repeatElement(1, count: count))
    let one = ones.copy()
    let second = Buffer<Double>(count: count)
    Double.activationBackwardTangent(kind, count, saved.pointer, one.pointer, ones.pointer, second.pointer)
    for i in 0..<count where abs(sums[i]) > 1e-2 {
      let slope = { (z: Double) in self.difference({ self.reference(kind, $0) }, z) }
      #expect(abs(ones[i] - slope(sums[i])) < 1e-9)
      #expect(abs(second[i] - difference(slope, sums[i])) < 1e-6)
    }
    let tangent = one.copy()
    Double.activationTangent(kind, count, saved.pointer, tangent.pointer)
    #expect(tangent.array == ones.array)
  }

  @Test func singleAgreesWithDouble() {
    for kind in ActivationKind.allCases {
      let raw = (0..<1000).map { Float(-8 + 0.016 * Double($0)) }
      let a = Buffer<Float>(raw)
      Float.biasActivation(kind, 10, 100, nil, a.pointer, a.pointer)
      for i in 0..<1000 {
        let exact = reference(kind, Double(raw[i]))
        // The normal distribution's tail loses what its argument's square is rounded by.
        #expect(abs(Double(a[i]) - exact) <= 1e-6 * abs(exact) + 1e-12)
      }
    }
  }

  @Test func undefinedStaysUndefined() {
    for kind in ActivationKind.allCases {
      let a = Buffer<Float>([.nan, .nan])
      Float.biasActivation(kind, 1, 2, nil, a.pointer, a.pointer)
      #expect(a[0].isNaN && a[1].isNaN, "\(kind)")
    }
  }
}
