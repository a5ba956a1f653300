import Compute

/// A rule that moves the parameters, given the gradient where they stand: its state and one update.
///
/// One call is one step. Nothing is allocated after `init`, and what depends on the step's number alone is
/// computed once in it.
package protocol Optimizer<Element>: AnyObject {
  associatedtype Element: Scalar

  /// Moves `parameters`. `gradient` and `loss` are those of the objective at the parameters as they stand;
  /// the rule may use `gradient` as scratch.
  func step(parameters: Buffer<Element>, gradient: Buffer<Element>, loss: Double, rate: Double)

  /// The vectors of the state, in a fixed order.
  var vectors: [Buffer<Element>] { get }

  /// The numbers of the state, in a fixed order.
  var numbers: [Double] { get set }

  /// Whether the rule can make no further progress at this precision.
  var hasStalled: Bool { get }

  /// Where `parameters` are a trial point, makes them the best point that is known.
  func returnToBase(_ parameters: Buffer<Element>)

  /// Forgets everything, as before the first step.
  func reset()
}

extension Optimizer {
  /// The numbers of the state; none unless the rule has some.
  package var numbers: [Double] {
    get { [] }
    set {}
  }

  /// False: most rules always move on.
  package var hasStalled: Bool { false }

  /// Nothing: most rules are where they stand.
  package func returnToBase(_ parameters: Buffer<Element>) {}
}

/// A matrix in the flat vector of parameters, as rules that look at whole tensors need it.
package struct MatrixView: Sendable, Hashable {
  /// Where it starts.
  package var offset: Int
  /// Rows in memory; 1 for a vector.
  package var rows: Int
  /// Columns in memory.
  package var columns: Int
  /// Whether it is a weight matrix (of a linear or convolution layer), not a vector or a table of positions.
  package var isWeight: Bool
  /// rows · columns
  package var count: Int { rows * columns }

  /// The view of `rows` × `columns` numbers from `offset` on.
  package init(offset: Int, rows: Int, columns: Int, isWeight: Bool = true) {
    self.offset = offset
    self.rows = rows
    self.columns = columns
    self.isWeight = isWeight
  }
}
