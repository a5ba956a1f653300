import ArgumentParser
import Foundation
import Synchronization

/// The signal that has come since `InterruptSignal.watch`; 0 before.
private let received = Atomic<Int32>(0)

/// SIGINT and SIGTERM, noted instead of ending the process, so that it can tell what it knows.
enum InterruptSignal {
  /// Notes them from now on. A reader of what is shown who goes away no longer ends the process either.
  static func watch() {
    // Whoever has begun this process may have held them back, as threads of a program that waits for signals elsewhere do.
    var noted = sigset_t()
    sigemptyset(&noted)
    for number in [SIGINT, SIGTERM] {
      signal(number) { received.store($0, ordering: .relaxed) }
      sigaddset(&noted, number)
    }
    pthread_sigmask(SIG_UNBLOCK, &noted, nil)
    signal(SIGPIPE, SIG_IGN)
  }

  static var hasCome: Bool { received.load(ordering: .relaxed) != 0 }

  /// The exit code of a process that it ended: 130 for SIGINT, 143 for SIGTERM.
  static var exitCode: ExitCode { ExitCode(128 + received.load(ordering: .relaxed)) }
}
