import Foundation

/// The server's processes, found by what the kernel says about them: every process of PostgreSQL works in its
/// data directory. A process id in a file alone proves nothing, since ids are given out again.
enum ClusterProcesses {
  /// What `postmaster.pid` says: line 1 the process id, line 5 the folder of the socket.
  struct PostmasterFile: Sendable, Hashable {
    let process: pid_t
    let socketFolder: String?

    init?(path: String) {
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      guard let process = lines.first.flatMap({ pid_t($0) }), process > 0 else { return nil }
      self.process = process
      socketFolder = lines.count > 4 && !lines[4].isEmpty ? lines[4] : nil
    }
  }

  /// Whether a process lives and works in the data directory. (A zombie works nowhere.)
  static func isServer(_ process: pid_t, of data: String) -> Bool {
    workingDirectory(of: process) == data
  }

  /// Every process that works in the data directory.
  static func all(of data: String) -> [pid_t] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.filter { isServer($0, of: data) }
  }

  static func exists(_ process: pid_t) -> Bool { kill(process, 0) == 0 || errno == EPERM }

  private static func workingDirectory(of process: pid_t) -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes {
      readlink("/proc/\(process)/cwd", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }
}
