import Dispatch
import Foundation
import Logging

/// Ends the process a fixed time after the first SIGTERM or SIGINT, whatever threads, the database or the network do:
/// what is under way then is taken over by others when its lease runs out.
///
/// It relies on nothing of what shuts down in good order: a timer of its own, no task, no lock.
package final class ExitDeadline: Sendable {
  // Safe: made once, only ever cancelled by the process's end.
  nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

  /// - Parameters:
  ///   - seconds: from the signal to the end.
  ///   - signals: what begins it.
  ///   - exit: ends the process; tests give another.
  package init(
    after seconds: Double, signals: [Int32] = [SIGTERM, SIGINT], logger: Logger,
    exit: @escaping @Sendable () -> Void = { _exit(1) }
  ) {
    let queue = DispatchQueue(label: "emc exit", qos: .userInteractive)
    sources = signals.map { signal in
      let source = DispatchSource.makeSignalSource(signal: signal, queue: queue)
      source.setEventHandler {
        queue.asyncAfter(deadline: .now() + seconds) {
          logger.error("the shutdown took too long, the process ends as it is")
          exit()
        }
      }
      source.resume()
      return source
    }
  }

  deinit { for source in sources { source.cancel() } }
}
