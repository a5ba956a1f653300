import FlyingSocks
import Foundation
import HTTPServer

/// A connection that sends bytes as they are and reads what comes back; knows nothing of the server's parser.
struct TestClient: Sendable {
  enum Failure: Error { case timedOut, closed }

  let socket: AsyncSocket

  /// - Parameter source: the IPv4 address to connect from.
  init(_ address: HTTPAddress, receiveBufferBytes: Int32? = nil, from source: String? = nil) async throws {
    let plain = try Socket(domain: address.host.contains(":") ? AF_INET6 : AF_INET, type: .stream)
    if let receiveBufferBytes { try plain.setValue(receiveBufferBytes, for: .receiveBufferSize) }
    if let source { try plain.bind(to: sockaddr_in.inet(ip4: source, port: 0)) }
    socket = try await AsyncSocket(socket: plain, pool: .client)
    if address.host.contains(":") {
      try await socket.connect(to: sockaddr_in6.inet6(ip6: address.host, port: UInt16(address.port)))
    } else {
      try await socket.connect(to: sockaddr_in.inet(ip4: address.host, port: UInt16(address.port)))
    }
  }

  func send(_ text: String) async throws { try await socket.write(Data(text.utf8)) }
  func send(_ bytes: [UInt8]) async throws { try await socket.write(Data(bytes)) }

  func endWriting() { shutdown(socket.socket.file.rawValue, Int32(SHUT_WR)) }
  func close() { try? socket.close() }

  /// Everything until the server closes.
  func readToEnd() async throws -> String {
    try await within(.seconds(20)) {
      var bytes: [UInt8] = []
      while let piece = try await readPiece() { bytes += piece }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  /// Reads until the text so far satisfies the condition. Throws when the server closes before.
  func read(until isEnough: @escaping @Sendable (String) -> Bool) async throws -> String {
    try await within(.seconds(20)) {
      var bytes: [UInt8] = []
      while true {
        guard let piece = try await readPiece() else { throw Failure.closed }
        bytes += piece
        let text = String(decoding: bytes, as: UTF8.self)
        if isEnough(text) { return text }
      }
    }
  }

  /// One response with a Content-Length.
  func readResponse() async throws -> TestResponse {
    let text = try await read { TestResponse.all(in: $0).first != nil }
    return TestResponse.all(in: text)[0]
  }

  /// What is there, at least one byte; nil at the end.
  func readPiece() async throws -> [UInt8]? {
    do {
      return try await socket.read(atMost: 4_096)
    } catch let error as SocketError {
      if case .failed(_, let code, _) = error, code != ECONNRESET { throw error }
      return nil
    }
  }
}

/// The result of `work`, or `TestClient.Failure.timedOut`.
func within<Value: Sendable>(
  _ duration: Duration, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  try await withThrowingTaskGroup(of: Value.self) { group in
    group.addTask { try await work() }
    group.addTask {
      try await Task.sleep(for: duration)
      throw TestClient.Failure.timedOut
    }
    defer { group.cancelAll() }
    guard let value = try await group.next() else { throw TestClient.Failure.timedOut }
    return value
  }
}
