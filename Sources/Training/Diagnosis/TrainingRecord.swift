/// What a probe's training has noted on its way.
package struct TrainingRecord: Sendable, Hashable, Codable {
  /// Loss and accuracy over the steps.
  package var curve = TrainingCurve()
  /// The levels of training error that were reached, the largest first.
  package var reached: [ReachedLevel] = []
  /// Steps whose loss threw training back.
  package var setbacks = Setbacks()

  /// Nothing yet.
  package init() { reached.reserveCapacity(ReachedLevel.recorded.count + 1) }
}

/// After how many steps a pass over all samples first found no more than a given training error.
package struct ReachedLevel: Sendable, Hashable, Codable {
  /// The part of the samples that may be unfit.
  package var trainingError: Double
  /// Steps taken before that pass.
  package var steps: Int

  /// A level that was reached.
  package init(trainingError: Double, steps: Int) {
    self.trainingError = trainingError
    self.steps = steps
  }

  /// The levels that are recorded beside the one that is asked for, the largest first.
  package static let recorded = [0.1, 0.05, 0.01, 0.0]

  /// Those and the one that is asked for, the largest first.
  static func levels(beside asked: Double) -> [Double] {
    recorded.contains(asked) ? recorded : (recorded + [asked]).sorted(by: >)
  }

  /// The most samples of `count` that may be unfit at a level.
  static func allowed(_ trainingError: Double, of count: Int) -> Int {
    // The product of a decimal fraction may fall short of the whole number that is meant.
    Int((trainingError * Double(count) + 1e-9).rounded(.down))
  }

  /// The running accuracy of an epoch that comes near a level, so that a pass over all samples is made.
  static func nearness(_ trainingError: Double) -> Double { 1 - max(0.05, 1.5 * trainingError) }
}

/// Steps that threw training back: their loss was more than `factor` times the mean of the epoch before, and more than
/// half of what guessing gives. Few hard samples raise a batch's loss by a factor where most are fit, but not that far.
package struct Setbacks: Sendable, Hashable, Codable {
  package static let factor = 4.0

  /// How many there were.
  package private(set) var count = 0
  /// The largest factor among them.
  package private(set) var largestFactor = 0.0
  /// The last of them, counted from 1.
  package private(set) var lastStep = 0

  /// None so far.
  package init() {}

  /// Takes note of a step's loss, with the mean of the epoch before and the loss of guessing among the classes.
  package mutating func note(step: Int, loss: Double, epoch: Double, guessing: Double) {
    guard loss > Self.factor * epoch, loss > guessing / 2 else { return }
    count += 1
    largestFactor = max(largestFactor, loss / epoch)
    lastStep = step
  }
}
