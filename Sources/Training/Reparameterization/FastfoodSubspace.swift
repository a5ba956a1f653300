import Compute

/// θ = θ₀ + P z, z from 0, P the random projection of Fastfood (Le, Sarlós and Smola 2013), as Li et al. 2018
/// use it: blocks of rows c · H G Π H B with random signs B, a random permutation Π, normal G and the
/// Walsh–Hadamard transform H. Needs 3 numbers a parameter instead of `dimension`, and log₂ of it in time.
///
/// c makes the columns of unit length over all blocks: ‖H G Π H B e‖² = size · ‖G‖², of which a last block
/// that is cut keeps its share on average.
package final class FastfoodSubspace<S: Scalar>: ParameterMap {
  package let variableCount: Int
  private let origin: Buffer<S>
  private let size: Int
  private let blocks: Int
  private let signs: Buffer<S>
  private let normals: Buffer<S>
  private let permutation: IndexBuffer
  private let scale: S
  private let padded: Buffer<S>
  private let mixed: Buffer<S>

  package init(dimension: Int, origin: Buffer<S>, key: ProbeKey) {
    precondition(dimension >= 1 && dimension <= origin.count, "a subspace of the parameters")
    variableCount = dimension
    self.origin = origin
    var size = 1
    while size < dimension { size *= 2 }
    self.size = size
    blocks = (origin.count + size - 1) / size
    signs = Buffer(count: blocks * size)
    normals = Buffer(count: blocks * size)
    permutation = IndexBuffer(count: blocks * size)
    padded = Buffer(count: size)
    mixed = Buffer(count: size)
    var square = 0.0
    for block in 0..<blocks {
      var stream = RandomStream(
        seed: key.seed, purpose: .subspace, samples: key.samples, replicate: key.replicate, index: block)
      let offset = block * size
      for i in 0..<size {
        signs[offset + i] = stream.nextUInt32() & 1 == 0 ? 1 : -1
        permutation.pointer[offset + i] = Int32(truncatingIfNeeded: i)
      }
      stream.shuffle(permutation.pointer + offset, count: size)
      for i in 0..<size {
        // Rounded to single precision, so that both precisions train in one subspace.
        let normal = Float(stream.normal())
        normals[offset + i] = S(normal)
        square += Double(normal) * Double(normal)
      }
    }
    let covered = Double(origin.count) / Double(blocks * size)
    scale = S(1 / (Double(size) * square * covered).squareRoot())
  }

  package func start(_ variables: Buffer<S>) { variables.clear() }

  package func materialize(_ variables: Buffer<S>, into parameters: Buffer<S>) {
    pushForward(variables, into: parameters)
    S.add(origin.count, parameters.pointer, origin.pointer, parameters.pointer)
  }

  /// result = P z
  package func pushForward(_ z: Buffer<S>, into result: Buffer<S>) {
    for block in 0..<blocks {
      let offset = block * size
      padded.clear()
      S.multiply(variableCount, z.pointer, signs.pointer + offset, padded.pointer)
      S.hadamard(size, padded.pointer)
      S.gather(size, padded.pointer, permutation.pointer + offset, mixed.pointer)
      S.multiply(size, mixed.pointer, normals.pointer + offset, mixed.pointer)
      S.hadamard(size, mixed.pointer)
      S.scale(rows(of: block), scale, mixed.pointer, result.pointer + offset)
    }
  }

  /// result = Pᵀ gradient: the same factors in the other order.
  package func pullBack(_ gradient: Buffer<S>, into result: Buffer<S>) {
    result.clear()
    for block in 0..<blocks {
      let offset = block * size
      mixed.clear()
      mixed.pointer.update(from: gradient.pointer + offset, count: rows(of: block))
      S.hadamard(size, mixed.pointer)
      S.multiply(size, mixed.pointer, normals.pointer + offset, mixed.pointer)
      S.scatter(size, mixed.pointer, permutation.pointer + offset, padded.pointer)
      S.hadamard(size, padded.pointer)
      S.multiply(variableCount, padded.pointer, signs.pointer + offset, padded.pointer)
      S.addScaled(variableCount, scale, padded.pointer, result.pointer)
    }
  }

  private func rows(of block: Int) -> Int { min(size, origin.count - block * size) }
}
