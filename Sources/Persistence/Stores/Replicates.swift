/// What a probe's replicate says of it: those below are of a measurement's own search.
package enum Replicates {
  /// Of a race that chose the procedure: no part of what was measured.
  package static let ofRaces = 1 << 20..<1 << 21
  /// From here on of networks that are trained to be tested, after the search.
  package static let ofTested = 1 << 21
}
