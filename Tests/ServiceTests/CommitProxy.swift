import Foundation
import Synchronization
import Testing

/// A proxy before a PostgreSQL server on a Unix socket that loses the reply to a COMMIT: the server gets it, the client's
/// connection is cut, or hears nothing any more.
final class CommitProxy: Sendable {
  /// The server's URL with the proxy's socket.
  let url: String
  private let listening: Int32
  private let target: String
  /// COMMITs to pass on before the one that is cut; nil: none is cut.
  private let remaining = Mutex<Int?>(nil)
  /// Whether the client waits for that reply for ever, in place of losing its connection.
  private let isSilent = Mutex(false)

  init(before url: String, in folder: URL) throws {
    var components = try #require(URLComponents(string: url))
    let host = try #require(components.queryItems?.first { $0.name == "host" }?.value)
    target = "\(host)/.s.PGSQL.5432"
    // Short: an address of a socket has room for 107 bytes.
    let place = "/tmp/emc-proxy-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    components.queryItems = [URLQueryItem(name: "host", value: place)]
    self.url = try #require(components.string)
    let listening = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    self.listening = listening
    try #require(Self.withAddress("\(place)/.s.PGSQL.5432") { bind(listening, $0, $1) } == 0)
    try #require(listen(listening, 16) == 0)
    Thread.detachNewThread { [self] in
      while true {
        let client = accept(listening, nil, nil)
        guard client >= 0 else { return }
        Thread.detachNewThread { self.serve(client) }
      }
    }
  }

  /// The next COMMIT, or one some COMMITs later, loses its reply.
  func cutsNextCommit(after count: Int = 0) { remaining.withLock { $0 = count } }

  /// The reply to the next COMMIT, and whatever is said after it, never comes; the connection stays.
  func silencesNextCommit() {
    isSilent.withLock { $0 = true }
    cutsNextCommit()
  }

  func stop() {
    shutdown(listening, Int32(SHUT_RDWR))
    close(listening)
  }

  private func serve(_ client: Int32) {
    let server = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard Self.withAddress(target, { connect(server, $0, $1) }) == 0 else {
      close(client)
      return
    }
    let isMute = Flag()
    Thread.detachNewThread {
      // What the server says, until one of both hangs up.
      while let bytes = Self.receive(server), isMute.isRaised || Self.send(bytes, to: client) {}
      shutdown(client, Int32(SHUT_RDWR))
    }
    while let bytes = Self.receive(client) {
      let isCut = Self.contains(bytes, "COMMIT") && isLast()
      // The client sees nothing of the answer.
      let isMuted = isCut && isSilent.withLock { $0 }
      if isMuted { isMute.raise() } else if isCut { shutdown(client, Int32(SHUT_RDWR)) }
      guard Self.send(bytes, to: server) else { break }
      if isCut { usleep(1000) }
    }
    shutdown(server, Int32(SHUT_WR))
  }

  private final class Flag: Sendable {
    private let state = Mutex(false)
    var isRaised: Bool { state.withLock { $0 } }
    func raise() { state.withLock { $0 = true } }
  }

  private func isLast() -> Bool {
    remaining.withLock { remaining in
      guard let count = remaining else { return false }
      remaining = count == 0 ? nil : count - 1
      return count == 0
    }
  }

  private static func contains(_ bytes: [UInt8], _ word: String) -> Bool {
    String(decoding: bytes, as: UTF8.self).contains(word)
  }

  private static func receive(_ socket: Int32) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = read(socket, &bytes, bytes.count)
    return count > 0 ? Array(bytes.prefix(count)) : nil
  }

  private static func send(_ bytes: [UInt8], to socket: Int32) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  private static func withAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
