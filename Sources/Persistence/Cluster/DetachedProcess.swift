import CProcess
import Foundation

/// Programs of PostgreSQL, run apart from this process: in a session of their own, with none of its sockets,
/// signals or libpq's environment variables.
enum DetachedProcess {
  /// Starts a program and returns its process id; the caller waits for it with `reap`.
  static func start(
    _ path: String, _ arguments: [String], as user: ServerUser?, output: Int32
  ) throws(ClusterError) -> pid_t {
    let command = try user?.command(path, arguments) ?? [path] + arguments
    let environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"]
    var child: pid_t = 0
    let fault = withCStrings(command) { command in
      withCStrings(environment) { environment in
        emc_spawn_detached(&child, command[0], command, environment, output)
      }
    }
    guard fault == 0 else {
      throw .commandFailed(command: path, output: String(cString: strerror(fault)))
    }
    return child
  }

  /// Runs a program to its end and returns what it printed; throws when it fails.
  static func output(
    of path: String, _ arguments: [String], as user: ServerUser?
  ) throws(ClusterError) -> String {
    // A file, not a pipe: a grandchild that keeps it open can't make this wait.
    guard let file = tmpfile() else {
      throw .unusable(path: "/tmp", reason: String(cString: strerror(errno)))
    }
    defer { fclose(file) }
    let child = try start(path, arguments, as: user, output: fileno(file))
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    rewind(file)
    var text: [UInt8] = []
    var byte = getc(file)
    while byte != EOF, text.count < 1 << 16 {
      text.append(UInt8(byte))
      byte = getc(file)
    }
    let printed = String(decoding: text, as: UTF8.self)
    guard status == 0 else {
      let lines = printed.split(whereSeparator: \.isNewline).suffix(4)
      throw .commandFailed(command: path, output: lines.joined(separator: "; "))
    }
    return printed
  }

  /// Takes note of a child's end, so that it doesn't stay behind as a zombie. True when it has ended.
  static func reap(_ child: pid_t) -> Bool {
    var status: Int32 = 0
    return waitpid(child, &status, WNOHANG) == child
  }

  private static func withCStrings<T>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> T
  ) -> T {
    let copies = strings.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return copies.withUnsafeBufferPointer { body($0.baseAddress!) }
  }
}
