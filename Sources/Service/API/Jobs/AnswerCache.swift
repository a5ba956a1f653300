import Foundation
import HTTPServer
import Synchronization

/// Answers about jobs as they were made last, each for one version of its job: what is asked for again and again isn't read
/// and written again. The oldest are forgotten.
final class AnswerCache: Sendable {
  typealias Answer = (response: HTTPResponse, hasEnded: Bool)

  private struct State {
    var answers: [UUID: (version: Int64, answer: Answer, bytes: Int)] = [:]
    var order: [UUID] = []
    var bytes = 0
  }

  private let state = Mutex(State())
  private let limit: Int

  /// - Parameter limit: bytes of all answers together.
  init(limit: Int = 64 << 20) { self.limit = limit }

  /// The answer for a version of a job; nil where it isn't kept.
  func answer(_ id: UUID, version: Int64) -> Answer? {
    state.withLock { state in
      guard let kept = state.answers[id], kept.version == version else { return nil }
      return kept.answer
    }
  }

  /// Keeps an answer in place of an older one.
  func keep(_ answer: Answer, _ id: UUID, version: Int64) {
    guard case .bytes(let content) = answer.response.body, content.count <= limit / 8 else { return }
    state.withLock { state in
      if let old = state.answers[id] {
        guard old.version <= version else { return }
        state.bytes -= old.bytes
      } else {
        state.order.append(id)
      }
      state.answers[id] = (version, answer, content.count)
      state.bytes += content.count
      var dropped = 0
      while state.bytes > limit, dropped < state.order.count {
        let oldest = state.order[dropped]
        state.bytes -= state.answers.removeValue(forKey: oldest)?.bytes ?? 0
        dropped += 1
      }
      state.order.removeFirst(dropped)
    }
  }
}
