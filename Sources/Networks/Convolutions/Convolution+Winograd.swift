import Compute

// The passes by Winograd's transforms, for as many images at once as the way wants.
extension Convolution {
  func forward(
    _ pass: Pass<S>, by winograd: WinogradConvolution<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>
  ) {
    winograd.prepare(pass)
    for first in stride(from: 0, to: pass.count, by: winograd.imagesTogether) {
      let images = min(winograd.imagesTogether, pass.count - first)
      let at = first * outputShape.count
      let kept = kind.savesInput ? pass.memory(preactivation!) + at : y + at
      let z = choice == nil ? kept : pass.memory(winograd.unpooled)
      winograd.convolve(pass, images: images, x: x + first * shape.inputCount, z: z)
      if choice == nil {
        addBiasAndActivate(pass, places: images * shape.places, kept, y + at)
        continue
      }
      for image in 0..<images {
        let at = at + image * outputShape.count
        poolAndActivate(
          pass, z + image * shape.places * shape.outputs, scratch: pass.memory(winograd.activated), at: at, y)
      }
    }
  }

  func backward(
    _ pass: Pass<S>, by winograd: WinogradConvolution<S>, x: UnsafePointer<S>, saved: UnsafePointer<S>,
    dy: UnsafeMutablePointer<S>, dx: UnsafeMutablePointer<S>?
  ) {
    winograd.prepareBack(pass, takesBack: dx != nil)
    for first in stride(from: 0, to: pass.count, by: winograd.imagesTogether) {
      let images = min(winograd.imagesTogether, pass.count - first)
      let at = first * outputShape.count
      activationBackward(pass, saved + at, dy + at, images: images, keep: first == 0 ? pass.keep : 1)
      let dz = choice == nil ? UnsafePointer(dy + at) : unpool(pass, by: winograd, dy, first, images)
      winograd.addProducts(pass, images: images, x: x + first * shape.inputCount, dz: dz)
      if let dx { winograd.takeBack(pass, images: images, dz: dz, dx: dx + first * shape.inputCount) }
    }
    winograd.weightGradient(pass, dw: pass.memory(memory.weightGradient))
  }

  private func unpool(
    _ pass: Pass<S>, by winograd: WinogradConvolution<S>, _ dy: UnsafePointer<S>, _ first: Int, _ images: Int
  ) -> UnsafePointer<S> {
    let dz = pass.memory(winograd.unpooled)
    for image in 0..<images {
      let at = (first + image) * outputShape.count
      S.poolScatter(
        shape.outHeight, shape.outWidth, shape.outputs, shape.window, dy + at, pass.memory(choice!) + at,
        shape.line, dz + image * shape.places * shape.outputs)
    }
    return UnsafePointer(dz)
  }
}
