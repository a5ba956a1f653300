import Compute

/// One layer with explicit forward and backward passes and the tangents of both.
///
/// A layer is a small value that is made for one workspace by a `LayerBuilder`: its initialiser asks the builder
/// for its parameter tensors (`parameter`), for memory that must live from forward to backward (`saved`), for
/// memory that only one call needs (`scratch`) and for evaluation statistics (`statistics`). It gets back slots, and
/// a `Pass` turns slots into pointers. So a layer owns no memory, and nothing is allocated in a pass.
///
/// Conventions
/// - x is the layer's input and y its output, (pass.count, shape.count) row major, images (height, width, channels).
/// - d marks derivatives of the loss (dy = ∂L/∂y), t marks tangents along the pass's direction (ty = ẏ); tdy is the
///   tangent of dy.
/// - Every buffer that is passed is different from every other one.
/// - A pass runs forward, then (to differentiate) backward with the same x and y; for second derivatives it runs
///   forward, forwardTangent, backwardTangent. What forward left in saved slots is there in the others.
/// - Results are written, not added, except those of parameters: `pass.gradient` and `pass.product` are multiplied by
///   `pass.keep` (0 or 1) first, so that batches can be summed. With 0 they are never read.
/// - dy and tdy may be destroyed. dx is nil for what the network's input feeds: then nothing is computed for it. tx is
///   nil there too, and means zero.
package protocol Layer<S> {
  /// Float or Double.
  associatedtype S: Scalar

  /// The shape of one sample of y.
  var outputShape: SampleShape { get }

  /// The nonlinearity that y has gone through; nil for none.
  var activation: ActivationKind? { get }

  /// What y is called in reports, where that isn't the name of the layer's last part.
  var outputName: String? { get }

  /// y = f(x; parameters).
  func forward(_ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafeMutablePointer<S>)

  /// dx = (∂y/∂x)ᵀ dy, gradient = keep · gradient + (∂y/∂parameters)ᵀ dy.
  func backward(
    _ pass: Pass<S>, x: UnsafePointer<S>, y: UnsafePointer<S>, dy: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>?)

  /// ty = (∂y/∂x) tx + (∂y/∂parameters) direction.
  func forwardTangent(
    _ pass: Pass<S>, x: UnsafePointer<S>, tx: UnsafePointer<S>?, y: UnsafePointer<S>,
    ty: UnsafeMutablePointer<S>)

  /// What backward does, and the tangents of its results: tdx, and product = keep · product + the tangent of the
  /// parameters' part.
  func backwardTangent(
    _ pass: Pass<S>, _ values: TangentValues<S>, dx: UnsafeMutablePointer<S>?, tdx: UnsafeMutablePointer<S>?)
}

extension Layer {
  /// None, unless said.
  package var activation: ActivationKind? { nil }
  /// That of the layer's last part, unless said.
  package var outputName: String? { nil }
}

/// What `Layer.backwardTangent` reads.
package struct TangentValues<S: Scalar> {
  /// The layer's input.
  package let x: UnsafePointer<S>
  /// Its tangent; nil means zero.
  package let tx: UnsafePointer<S>?
  /// The layer's output.
  package let y: UnsafePointer<S>
  /// Its tangent.
  package let ty: UnsafePointer<S>
  /// ∂L/∂y; may be destroyed.
  package let dy: UnsafeMutablePointer<S>
  /// Its tangent; may be destroyed.
  package let tdy: UnsafeMutablePointer<S>
}
