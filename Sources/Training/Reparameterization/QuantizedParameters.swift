import Compute

/// θ = Q(latent), tensor by tensor, with the straight-through estimator ∂θ/∂latent = 1 (Bengio, Léonard and
/// Courville 2013).
///
/// From 2 bits on Q(x) = s · round(x / s), s = max|x| / (2^(bits−1) − 1): levels symmetric about 0. With 1 bit
/// Q(x) = s · sign(x), s = mean|x| (Rastegari et al. 2016).
package final class QuantizedParameters<S: Scalar>: ParameterMap {
  private let bits: Int
  private let tensors: [Range<Int>]
  private let first: Buffer<S>
  package let variableCount: Int

  package init(bits: Int, tensors: [Range<Int>], start: Buffer<S>) {
    precondition((1...16).contains(bits), "1 to 16 bits")
    self.bits = bits
    self.tensors = tensors
    first = start
    variableCount = start.count
  }

  package func start(_ variables: Buffer<S>) { variables.copy(from: first) }

  package func materialize(_ variables: Buffer<S>, into parameters: Buffer<S>) {
    for tensor in tensors {
      let latent = variables.pointer + tensor.lowerBound
      let quantized = parameters.pointer + tensor.lowerBound
      if bits == 1 {
        let scale = S.sumOfMagnitudes(tensor.count, latent) / Double(tensor.count)
        S.binarize(tensor.count, S(scale), latent, quantized)
        continue
      }
      let scale = S.largestMagnitude(tensor.count, latent) / S((1 << (bits - 1)) - 1)
      if scale > .leastNormalMagnitude {
        S.quantize(tensor.count, scale, latent, quantized)
      } else {
        // All but zero, or not a number, which has to come through.
        quantized.update(from: latent, count: tensor.count)
      }
    }
  }

  package func pullBack(_ gradient: Buffer<S>, into result: Buffer<S>) { result.copy(from: gradient) }

  package func pushForward(_ direction: Buffer<S>, into result: Buffer<S>) { result.copy(from: direction) }
}
