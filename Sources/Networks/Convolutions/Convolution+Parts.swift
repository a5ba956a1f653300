import Compute

// The steps that forward, backward and their tangents share, each for one image.
extension Convolution {
  /// What the activation's derivative is taken from.
  func savedValues(_ pass: Pass<S>, _ y: UnsafePointer<S>) -> UnsafePointer<S> {
    kind.savesInput ? UnsafePointer(pass.memory(preactivation!)) : y
  }

  func clearBorder(_ image: UnsafeMutablePointer<S>) {
    if shape.padding > 0 { S.fill(shape.paddedCount, 0, image) }
  }

  /// The image with its border; itself if it has none.
  func padded(_ x: UnsafePointer<S>, _ image: UnsafeMutablePointer<S>) -> UnsafePointer<S> {
    if shape.padding == 0 { return x }
    let line = shape.paddedWidth * shape.channels
    S.placeImage(
      shape.height, shape.width * shape.channels, x, line,
      image + shape.padding * line + shape.padding * shape.channels)
    return UnsafePointer(image)
  }

  /// y = σ(z + b), of images that no pooling follows.
  func addBiasAndActivate(
    _ pass: Pass<S>, places: Int, _ z: UnsafeMutablePointer<S>, _ y: UnsafeMutablePointer<S>
  ) {
    guard bias != nil || kind != .identity else { return }
    pass.activate(kind, kink, places, shape.outputs, bias.map { pass.value($0) }, z, y)
  }

  /// y = pool(σ(z + b)) of the image whose pooled values start at `start`, and what the backward pass needs of it.
  func poolAndActivate(
    _ pass: Pass<S>, _ z: UnsafeMutablePointer<S>, scratch: UnsafeMutablePointer<S>, at start: Int,
    _ y: UnsafeMutablePointer<S>
  ) {
    let bias = bias.map { pass.value($0) }
    let chosen = pass.memory(choice!) + start
    if kind.savesInput {
      // These aren't monotone: the largest value needn't come from the largest z.
      S.biasActivation(kind, shape.places, shape.outputs, bias, z, scratch)
      pool(scratch, y + start, chosen)
      pick(z, chosen, pass.memory(preactivation!) + start)
    } else {
      pool(z, y + start, chosen)
      pass.activate(kind, kink, outputShape.places, shape.outputs, bias, y + start, y + start)
    }
  }

  /// d becomes dz of these images, the bias's gradient is added.
  func activationBackward(
    _ pass: Pass<S>, _ saved: UnsafePointer<S>, _ d: UnsafeMutablePointer<S>, images: Int, keep: S
  ) {
    let places = images * outputShape.places
    if kind != .identity {
      pass.activationBackward(
        kind, kink, places, shape.outputs, saved, d, keep, bias.map { pass.gradient($0) })
    } else if let bias {
      S.columnSums(places, shape.outputs, d, keep, pass.gradient(bias))
    }
  }

  func pool(
    _ values: UnsafePointer<S>, _ out: UnsafeMutablePointer<S>, _ choice: UnsafeMutablePointer<S>
  ) {
    S.poolMaximum(shape.outHeight, shape.outWidth, shape.outputs, shape.window, values, out, choice)
  }

  func pick(_ values: UnsafePointer<S>, _ choice: UnsafePointer<S>, _ out: UnsafeMutablePointer<S>) {
    S.poolPick(shape.outHeight, shape.outWidth, shape.outputs, shape.window, values, choice, out)
  }

  /// The gradient before pooling, inside its border: where the products read it.
  func spread(
    _ pass: Pass<S>, _ d: UnsafePointer<S>, _ sample: Int, _ gradient: UnsafeMutablePointer<S>
  ) -> UnsafePointer<S> {
    let inside = gradient + shape.gradientStart
    if let choice {
      S.poolScatter(
        shape.outHeight, shape.outWidth, shape.outputs, shape.window, d,
        pass.memory(choice) + sample * outputShape.count, shape.gradientLine, inside)
    } else if shape.gradientPadding > 0 {
      S.placeImage(shape.outHeight, shape.line, d, shape.gradientLine, inside)
    } else {
      return d
    }
    return UnsafePointer(inside)
  }

  /// What `takeBack` needs of the weights.
  func prepareBack(
    _ weights: UnsafePointer<S>, _ flipped: UnsafeMutablePointer<S>, _ panels: UnsafeMutablePointer<S>
  ) {
    guard shape.takesBackByPatches else { return }
    let taps = shape.kernel * shape.kernel
    S.flipWeights(shape.outputs, taps, shape.channels, weights, flipped)
    S.packPanels(transpose: false, taps * shape.outputs, shape.channels, flipped, panels)
  }

  /// dx of one image from dz inside its border.
  func takeBack(
    _ pass: Pass<S>, _ dz: UnsafePointer<S>, _ weights: UnsafePointer<S>, _ panels: UnsafePointer<S>,
    _ dx: UnsafeMutablePointer<S>
  ) {
    if shape.takesBackByPatches {
      S.convolve(
        shape.gradientPatches, shape.channels, dz - shape.gradientStart, panels, dx,
        shape.width * shape.channels)
      return
    }
    let rows = pass.memory(memory.product)
    S.multiplyMatrices(
      transposeA: false, transposeB: false, m: shape.places, n: shape.patch, k: shape.outputs, alpha: 1,
      a: dz,
      strideA: shape.outputs, b: weights, strideB: shape.patch, beta: 0, c: rows, strideC: shape.patch)
    let line = shape.paddedWidth * shape.channels
    let border = pass.memory(memory.flipped)
    S.fill(shape.paddedCount, 0, border)
    S.addPatches(shape.patches, rows, border)
    S.takeImage(
      shape.height, shape.width * shape.channels,
      border + shape.padding * line + shape.padding * shape.channels, line, dx)
  }
}
