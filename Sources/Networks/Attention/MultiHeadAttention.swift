import Compute

/// y = softmax(Q Kᵀ/√d) V in every head, [Q K V] = x Wᵀ + b (Vaswani et al. 2017), heads side by side in the channels.
///
/// x (tokens, width), y (queries, width): the first `queries` tokens ask, all answer. What the other queries would
/// be is never computed.
package struct MultiHeadAttention<S: Scalar>: Layer {
  /// (queries, width).
  package let outputShape: SampleShape
  let tokens: Int
  let queries: Int
  let width: Int
  let heads: Int
  let weight: ParameterSlot
  let bias: ParameterSlot
  /// The products that make Q, K and V: one of all, or one of K and V followed by one of Q.
  let projections: [AttentionProjection]
  /// The softmax (samples, heads, queries, tokens).
  let weights: MemorySlot
  /// Two matrices (queries, tokens) of one head: slopes by the softmax and by its argument.
  let softmaxSlopes: MemorySlot

  var headWidth: Int { width / heads }
  /// 1/√d
  var scale: S { 1 / S(headWidth).squareRoot() }

  /// Attention among `input`'s places, whose parameters are `name`.weight and `name`.bias (queries, keys, values).
  package init(
    _ builder: LayerBuilder<S>, name: String, input: SampleShape, heads: Int, queries: Int
  ) throws(ArchitectureError) {
    precondition(input.channels % heads == 0 && (1...input.places).contains(queries), "heads and queries")
    tokens = input.places
    width = input.channels
    self.heads = heads
    self.queries = queries
    outputShape = .image(height: queries, width: 1, channels: width)
    weight = try builder.parameter(
      "\(name).weight", shape: [3 * width, width], fanIn: width, fanOut: 3 * width, role: .weight)
    bias = try builder.parameter(
      "\(name).bias", shape: [3 * width], fanIn: width, fanOut: 3 * width, role: .bias)
    let parts =
      queries == tokens
      ? [(tokens, width, 0, 3 * width)] : [(tokens, width, width, 2 * width), (1, tokens * width, 0, width)]
    precondition(queries == tokens || queries == 1, "every token asks, or the first alone")
    var projections: [AttentionProjection] = []
    for (rows, stride, first, outputs) in parts {
      projections.append(
        AttentionProjection(
          rows: rows, stride: stride, first: first, outputs: outputs,
          values: try builder.saved(perSample: rows * outputs),
          slopes: try builder.scratch(perSample: rows * outputs)))
    }
    self.projections = projections
    weights = try builder.saved(perSample: heads * queries * tokens)
    softmaxSlopes = try builder.scratch(constant: 2 * queries * tokens)
    let projectionFlops = projections.reduce(0) { $0 + 2 * $1.rows * $1.outputs * input.channels }
    builder.record(
      name: name, kind: "attention", output: outputShape, parameterCount: weight.count + bias.count,
      productFlops: projectionFlops + 4 * queries * tokens * width)
  }

  /// y = f(x).
  package func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) {
    for number in projections.indices {
      let part = projections[number]
      project(pass, part, x, pass.value(weight), keep: 0, into: pass.memory(part.values))
      S.addToRows(
        pass.count * part.rows, part.outputs, pass.value(bias) + part.first, pass.memory(part.values))
    }
    let operands = HeadOperands(self) { pass.memory($0) }
    let count = queries * tokens
    for n in 0..<pass.count {
      let p = pass.memory(weights) + n * heads * count
      for h in 0..<heads { queriesByTokens(operands.q(n, h), operands.k(n, h), keep: 0, into: p + h * count) }
      S.softmax(heads * queries, tokens, scale, p, p)
      for h in 0..<heads { weighted(p + h * count, operands.v(n, h), keep: 0, into: output(y, n, h)) }
    }
  }

  /// dx and the parameters' gradient from dy.
  package func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?
  ) {
    let operands = HeadOperands(self) { pass.memory($0) }
    let slopes = HeadOperands(self, slopes: true) { pass.memory($0) }
    let count = queries * tokens
    let dp = pass.memory(softmaxSlopes)
    for n in 0..<pass.count {
      for h in 0..<heads {
        let p = pass.memory(weights) + (n * heads + h) * count
        queriesByTokens(output(dy, n, h), operands.v(n, h), keep: 0, into: dp)
        S.softmaxProduct(queries, tokens, scale, p, dp, dp)
        byTokens(p, output(dy, n, h), keep: 0, into: slopes.v(n, h))
        weighted(dp, operands.k(n, h), keep: 0, into: slopes.q(n, h))
        byTokens(dp, operands.q(n, h), keep: 0, into: slopes.k(n, h))
      }
    }
    for number in projections.indices {
      let part = projections[number]
      let d = pass.memory(part.slopes)
      let keep = pass.keep
      S.columnSums(pass.count * part.rows, part.outputs, d, keep, pass.gradient(bias) + part.first)
      addWeightGradient(pass, part, d, x, keep: keep, into: pass.gradient(weight))
      if let dx { projectBack(pass, part, d, pass.value(weight), keep: number == 0 ? 0 : 1, into: dx) }
    }
  }

  // MARK: products

  /// z = x Wᵀ + keep · z, for the part's rows of x and W.
  func project(
    _ pass: Pass<S>, _ part: AttentionProjection, _ x: UnsafePointer<S>, _ w: UnsafePointer<S>, keep: S,
    into z: UnsafeMutablePointer<S>
  ) {
    S.multiplyMatrices(
      transposeA: false, transposeB: true, m: pass.count * part.rows, n: part.outputs, k: width, alpha: 1,
      a: x, strideA: part.stride, b: w + part.first * width, strideB: width, beta: keep, c: z,
      strideC: part.outputs)
  }

  /// dx = dz W + keep · dx.
  func projectBack(
    _ pass: Pass<S>, _ part: AttentionProjection, _ dz: UnsafePointer<S>, _ w: UnsafePointer<S>, keep: S,
    into dx: UnsafeMutablePointer<S>
  ) {
    S.multiplyMatrices(
      transposeA: false, transposeB: false, m: pass.count * part.rows, n: width, k: part.outputs, alpha: 1,
      a: dz, strideA: part.outputs, b: w + part.first * width, strideB: width, beta: keep, c: dx,
      strideC: part.stride)
  }

  /// dW = dzᵀ x + keep · dW.
  func addWeightGradient(
    _ pass: Pass<S>, _ part: AttentionProjection, _ dz: UnsafePointer<S>, _ x: UnsafePointer<S>, keep: S,
    into gradient: UnsafeMutablePointer<S>
  ) {
    S.multiplyMatrices(
      transposeA: true, transposeB: false, m: part.outputs, n: width, k: pass.count * part.rows, alpha: 1,
      a: dz, strideA: part.outputs, b: x, strideB: part.stride, beta: keep, c: gradient + part.first * width,
      strideC: width)
  }

  /// One head's part of y.
  func output(_ y: UnsafeMutablePointer<S>, _ n: Int, _ h: Int) -> HeadMatrix<S> {
    HeadMatrix(pointer: y + n * queries * width + h * headWidth, stride: width)
  }

  /// C (queries, tokens) = A Bᵀ + keep · C, A (queries, d), B (tokens, d).
  func queriesByTokens(
    _ a: HeadMatrix<S>, _ b: HeadMatrix<S>, keep: S, into c: UnsafeMutablePointer<S>
  ) {
    S.multiplyMatrices(
      transposeA: false, transposeB: true, m: queries, n: tokens, k: headWidth, alpha: 1, a: a.pointer,
      strideA: a.stride, b: b.pointer, strideB: b.stride, beta: keep, c: c, strideC: tokens)
  }

  /// C (queries, d) = A B + keep · C, A (queries, tokens), B (tokens, d).
  func weighted(_ a: UnsafePointer<S>, _ b: HeadMatrix<S>, keep: S, into c: HeadMatrix<S>) {
    S.multiplyMatrices(
      transposeA: false, transposeB: false, m: queries, n: headWidth, k: tokens, alpha: 1, a: a,
      strideA: tokens, b: b.pointer, strideB: b.stride, beta: keep, c: c.pointer, strideC: c.stride)
  }

  /// C (tokens, d) = Aᵀ B + keep · C, A (queries, tokens), B (queries, d).
  func byTokens(_ a: UnsafePointer<S>, _ b: HeadMatrix<S>, keep: S, into c: HeadMatrix<S>) {
    S.multiplyMatrices(
      transposeA: true, transposeB: false, m: tokens, n: headWidth, k: queries, alpha: 1, a: a,
      strideA: tokens, b: b.pointer, strideB: b.stride, beta: keep, c: c.pointer, strideC: c.stride)
  }
}

/// Rows of x times some rows of W.
struct AttentionProjection: Sendable, Hashable {
  /// Rows of x a sample, and what lies between their starts.
  let rows: Int
  let stride: Int
  /// Rows of W.
  let first: Int
  let outputs: Int
  /// (samples, rows, outputs), and their slopes.
  let values: MemorySlot
  let slopes: MemorySlot
}

/// One head's columns of a matrix whose rows are `stride` apart.
struct HeadMatrix<S: Scalar> {
  let pointer: UnsafeMutablePointer<S>
  let stride: Int
}

/// Q, K and V of every sample and head, or their slopes.
struct HeadOperands<S: Scalar> {
  private let queries: UnsafeMutablePointer<S>
  private let keys: UnsafeMutablePointer<S>
  private let queryRows: Int
  private let queryStride: Int
  private let keyRows: Int
  private let keyStride: Int
  private let width: Int
  private let headWidth: Int

  init(
    _ layer: MultiHeadAttention<S>, slopes: Bool = false,
    _ memory: (MemorySlot) -> UnsafeMutablePointer<S>
  ) {
    let first = layer.projections[0]
    let last = layer.projections[layer.projections.count - 1]
    width = layer.width
    headWidth = layer.headWidth
    queries = memory(slopes ? last.slopes : last.values)
    (queryRows, queryStride) = (last.rows, last.outputs)
    // Keys follow the queries where one product made all.
    keys = memory(slopes ? first.slopes : first.values) + (layer.projections.count == 1 ? layer.width : 0)
    (keyRows, keyStride) = (first.rows, first.outputs)
  }

  func q(_ n: Int, _ h: Int) -> HeadMatrix<S> {
    HeadMatrix(pointer: queries + n * queryRows * queryStride + h * headWidth, stride: queryStride)
  }

  func k(_ n: Int, _ h: Int) -> HeadMatrix<S> {
    HeadMatrix(pointer: keys + n * keyRows * keyStride + h * headWidth, stride: keyStride)
  }

  func v(_ n: Int, _ h: Int) -> HeadMatrix<S> {
    HeadMatrix(pointer: keys + n * keyRows * keyStride + width + h * headWidth, stride: keyStride)
  }
}
