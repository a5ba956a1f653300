import Synchronization

/// Whether training has been told to stop: asked once a step, and between the chunks of a pass over the samples
/// that takes long. Once the answer is yes it stays so while the same question is asked, and a pass that was ended by it has no
/// meaning: whoever asks for one looks here before using it.
final class Interruption: @unchecked Sendable {
  private let flag = Atomic<Bool>(false)
  /// Asked on the training thread alone.
  private var ask: () -> Bool = { false }
  private var passBegan: ContinuousClock.Instant?

  /// Whether the answer was yes.
  var hasStopped: Bool { flag.load(ordering: .relaxed) }

  /// Begins anew with this question while `body` runs.
  func asking<Result>(_ question: () -> Bool, _ body: () -> Result) -> Result {
    withoutActuallyEscaping(question) { question in
      flag.store(false, ordering: .relaxed)
      ask = question
      defer { ask = { false } }
      return body()
    }
  }

  /// Asks.
  func poll() -> Bool {
    if !hasStopped, ask() { flag.store(true, ordering: .relaxed) }
    return hasStopped
  }

  /// Notes that a pass begins.
  func beginPass() { passBegan = nil }

  /// Whether to end the pass before its next chunk; on the training thread (`asks`) asked once the pass has taken
  /// a twentieth of a second.
  func endsPass(asks: Bool) -> Bool {
    guard asks else { return hasStopped }
    guard let passBegan else {
      passBegan = .now
      return hasStopped
    }
    return passBegan.duration(to: .now) < .milliseconds(50) ? hasStopped : poll()
  }
}
