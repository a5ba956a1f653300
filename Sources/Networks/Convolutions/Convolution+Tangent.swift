import Compute

extension Convolution {
  /// ż = x ∗ Ẇ + ẋ ∗ W + ḃ where pooling chose, ẏ = σ'(z)·ż.
  package func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>
  ) {
    let panels = pass.memory(memory.panels)
    let directionPanels = pass.tangent(memory.panels)
    S.packPanels(transpose: true, shape.patch, shape.outputs, pass.value(weight), panels)
    S.packPanels(transpose: true, shape.patch, shape.outputs, pass.direction(weight), directionPanels)
    clearBorder(pass.memory(memory.image))
    clearBorder(pass.tangent(memory.image))
    let whole = shape.places * shape.outputs
    let z = pass.tangent(memory.product)
    let term = pass.memory(memory.term)
    let tangents = preactivation.map { pass.tangent($0) } ?? ty
    for sample in 0..<pass.count {
      let image = padded(x + sample * shape.inputCount, pass.memory(memory.image))
      S.convolve(shape.patches, shape.outputs, image, directionPanels, z, shape.line)
      if let tx {
        let tangent = padded(tx + sample * shape.inputCount, pass.tangent(memory.image))
        S.convolve(shape.patches, shape.outputs, tangent, panels, term, shape.line)
        S.add(whole, z, term, z)
      }
      if let bias { S.addToRows(shape.places, shape.outputs, pass.direction(bias), z) }
      let at = sample * outputShape.count
      if let choice {
        pick(z, pass.memory(choice) + at, tangents + at)
      } else {
        (tangents + at).update(from: z, count: whole)
      }
    }
    let count = pass.count * outputShape.count
    if tangents != ty { ty.update(from: tangents, count: count) }
    if kind != .identity { S.activationTangent(kind, count, savedValues(pass, y), ty) }
  }

  /// dW = Σ patches(x)ᵀ dz and dx = pad(dz) ∗ flipped W, and by the product rule their tangents.
  package func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?
  ) {
    activationBackwardTangent(pass, values)
    let sums = pass.memory(memory.weightGradient)
    let tangentSums = pass.tangent(memory.weightGradient)
    S.fill(memory.weightGradient.count, 0, sums)
    S.fill(memory.weightGradient.count, 0, tangentSums)
    clearBorder(pass.memory(memory.image))
    clearBorder(pass.tangent(memory.image))
    S.fill(memory.gradient.count, 0, pass.memory(memory.gradient))
    S.fill(memory.gradient.count, 0, pass.tangent(memory.gradient))
    if dx != nil {
      prepareBack(pass.value(weight), pass.memory(memory.flipped), pass.memory(memory.panels))
      prepareBack(pass.direction(weight), pass.tangent(memory.flipped), pass.tangent(memory.panels))
    }
    for sample in 0..<pass.count {
      let at = sample * outputShape.count
      let from = sample * shape.inputCount
      let dz = spread(pass, values.dy + at, sample, pass.memory(memory.gradient))
      let tdz = spread(pass, values.tdy + at, sample, pass.tangent(memory.gradient))
      let image = padded(values.x + from, pass.memory(memory.image))
      S.convolveWeights(shape.patches, shape.outputs, image, dz, shape.gradientLine, sums)
      S.convolveWeights(shape.patches, shape.outputs, image, tdz, shape.gradientLine, tangentSums)
      if let tx = values.tx {
        let tangent = padded(tx + from, pass.tangent(memory.image))
        S.convolveWeights(shape.patches, shape.outputs, tangent, dz, shape.gradientLine, tangentSums)
      }
      if let dx, let tdx {
        let (panels, directionPanels) = (pass.memory(memory.panels), pass.tangent(memory.panels))
        let term = pass.memory(memory.term)
        takeBack(pass, dz, pass.value(weight), panels, dx + from)
        takeBack(pass, tdz, pass.value(weight), panels, tdx + from)
        takeBack(pass, dz, pass.direction(weight), directionPanels, term)
        S.add(shape.inputCount, tdx + from, term, tdx + from)
      }
    }
    S.addTransposed(shape.outputs, shape.patch, sums, pass.keep, pass.gradient(weight))
    S.addTransposed(shape.outputs, shape.patch, tangentSums, pass.keep, pass.product(weight))
  }

  /// From dy and its tangent to those of z after pooling, and the bias's part.
  private func activationBackwardTangent(_ pass: Pass<S>, _ values: TangentValues<S>) {
    let rows = pass.count * outputShape.places
    let count = rows * shape.outputs
    let saved = savedValues(pass, values.y)
    if let preactivation {
      S.activationBackwardTangent(
        kind, count, saved, pass.tangent(preactivation), values.dy, values.tdy)
    } else if kind != .identity {
      S.activationTangent(kind, count, saved, values.dy)
      S.activationTangent(kind, count, saved, values.tdy)
    }
    if let bias {
      S.columnSums(rows, shape.outputs, values.dy, pass.keep, pass.gradient(bias))
      S.columnSums(rows, shape.outputs, values.tdy, pass.keep, pass.product(bias))
    }
  }
}
