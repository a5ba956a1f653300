import Capacity
import Foundation
import Testing

/// The built `emc`, run as a user runs it. `EMC_BINARY` names another one.
struct EMCProcess {
  let process = Process()
  private let errors: URL

  static var binary: URL {
    if let path = ProcessInfo.processInfo.environment["EMC_BINARY"] { return URL(filePath: path) }
    var root = URL(filePath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    return root.appending(path: ".build/release/emc")
  }

  /// Starts `emc` with these arguments; its standard error goes to a file in `directory`, its standard output to a pipe or an
  /// open file.
  init(_ arguments: [String], in directory: URL, input: String = "", output: Any? = nil) throws {
    errors = directory.appending(path: "\(UUID().uuidString).log")
    try Data().write(to: errors)
    process.executableURL = Self.binary
    process.arguments = arguments
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardOutput = output ?? FileHandle.nullDevice
    let pipe = Pipe()
    process.standardInput = pipe
    try process.run()
    pipe.fileHandleForWriting.write(Data(input.utf8))
    try pipe.fileHandleForWriting.close()
  }

  /// What it has written to standard error.
  var log: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

  /// The address in the line that says that it listens.
  func address() async throws -> String {
    try await eventually("a service that listens; it said: \(log)") {
      log.firstMatch(of: /address=(127\.0\.0\.1:\d+)/).map { String($0.1) }
    }
  }

  /// Waits for the end and returns the exit code.
  func exitCode(within limit: Duration = .seconds(60)) async throws -> Int32 {
    try await eventually("the end of \(process.arguments ?? [])", within: limit) {
      process.isRunning ? nil : process.terminationStatus
    }
  }
}

/// What `body` makes on a thread of its own: one that waits for a process would keep a task from what the process waits for.
func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    Thread { continuation.resume(with: Result(catching: body)) }.start()
  }
}

/// Polls until there is a value.
func eventually<T>(
  _ what: @autoclosure () -> String, within limit: Duration = .seconds(60), _ value: () async throws -> T?
) async throws -> T {
  let deadline = ContinuousClock.now + limit
  while ContinuousClock.now < deadline {
    if let value = try await value() { return value }
    try await Task.sleep(for: .milliseconds(20))
  }
  throw TimedOut(what: what())
}

/// A fresh folder that the database's user can reach; removed afterwards.
func withFolder<T>(_ body: (URL) async throws -> T) async throws -> T {
  let folder = FileManager.default.temporaryDirectory.appending(path: "emc-\(UUID().uuidString)")
  try FileManager.default.createDirectory(
    at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await body(folder)
}
