import Logging
import Persistence
import Synchronization
import Training

/// How far the probes are that this process trains, for who watches: told through the database, at most once a second, to
/// every process that listens.
final class ProbesUnderWay: Sendable {
  /// What was noted since it was told last.
  private let news = Mutex<[String: TrainingProgress]>([:])

  /// How often it is told.
  private static let interval = Duration.seconds(1)

  /// Notes where a probe stands. Cheap, and called on its training thread.
  func note(_ progress: TrainingProgress, of digest: String) { news.withLock { $0[digest] = progress } }

  /// A probe is under way no more.
  func remove(_ digest: String) { news.withLock { _ = $0.removeValue(forKey: digest) } }

  /// Tells what is new until the task is cancelled. What can't be told is of no use later.
  func tell(_ queue: ProbeQueue, _ logger: Logger) async {
    while (try? await Task.sleep(for: Self.interval)) != nil {
      let told = news.withLock { news in
        defer { news = [:] }
        return news
      }
      guard !told.isEmpty else { continue }
      do {
        try await queue.announceTraining(
          told.map { digest, progress in
            TrainingNews(
              digest: digest, steps: progress.step, loss: progress.loss, accuracy: progress.accuracy)
          })
      } catch {
        logger.debug("progress was not told", metadata: ["error": "\(error)"])
      }
    }
  }
}
