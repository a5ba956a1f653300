import Compute

/// θ as a function of the variables that are trained in its place.
package protocol ParameterMap<Element>: AnyObject {
  associatedtype Element: Scalar

  var variableCount: Int { get }

  /// Variables' values at the start.
  func start(_ variables: Buffer<Element>)

  /// parameters = θ(variables)
  func materialize(_ variables: Buffer<Element>, into parameters: Buffer<Element>)

  /// result = (∂θ/∂variables)ᵀ gradient, exact or the estimator that stands for it.
  func pullBack(_ gradient: Buffer<Element>, into result: Buffer<Element>)

  /// result = (∂θ/∂variables) direction; nil where the map has no derivative to speak of.
  func pushForward(_ direction: Buffer<Element>, into result: Buffer<Element>)
}
