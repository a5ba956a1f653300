import Dispatch
import Foundation

/// What a thread's work is worth to the system beside that of others.
package enum ThreadPriority: Sendable {
  /// As much as that of the thread which starts it.
  case inherited
  /// Less than what answers requests (niceness 5), so that the API answers at once while every core trains. Threads
  /// that such a one starts inherit it.
  case training
}

/// Runs `body` on a new thread, which then ends. Where modules that stand on this one need a thread, they start it here: with
/// a name that the system shows, and the stack of a main thread, since Foundation's own default is too small for deep
/// recursion in a parser.
package func startThread(
  _ name: String, priority: ThreadPriority = .inherited, _ body: @escaping @Sendable () -> Void
) {
  let thread = Thread {
    // A name given before the start does not reach the system.
    Thread.current.name = name
    if priority == .training {
      // On Linux the priority of "process 0" is that of the calling thread alone.
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
    }
    body()
  }
  thread.stackSize = 8 << 20
  thread.start()
}

/// Runs `body` on so many threads at once, the caller's among them, and returns when all have ended. What one of them
/// does is its own matter: they take pieces of work from what they share. The others have the caller's priority, which
/// Dispatch's pool would not give them, and its pool is bounded by the cores rather than by what the caller asks for.
///
/// A thread that has said that it is done still lives for a moment, with all that it was started with: it is given the place
/// where `body` lies, not `body`, which doesn't escape.
package func onThreads(_ count: Int, named name: String, _ body: @Sendable () -> Void) {
  withoutActuallyEscaping(body) { body in
    withUnsafePointer(to: body) { place in
      let lent = LentBody(place: place)
      let group = DispatchGroup()
      for _ in 1..<max(1, count) {
        group.enter()
        startThread(name) {
          lent.call()
          group.leave()
        }
      }
      lent.call()
      group.wait()
    }
  }
}

/// A closure at a place that outlives whoever calls it there.
private struct LentBody: @unchecked Sendable {
  let place: UnsafePointer<@Sendable () -> Void>

  /// Not inlined: what it takes of the closure it has given back when it returns.
  @inline(never) func call() { place.pointee() }
}
