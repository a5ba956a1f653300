import FlyingSocks
import Glibc

/// A bound socket that listens. Its descriptors, and those it accepts, are closed in child processes.
package struct ListeningSocket: Sendable {
  /// What an attempt to accept came to.
  package enum Acceptance: Equatable {
    case socket(Socket)
    /// No connection waits.
    case none
    /// A connection went away before it was accepted; the next may be there.
    case aborted
    /// Out of descriptors or memory: worth a pause and another try.
    case exhausted(errno: Int32)
    case failed(errno: Int32)
  }

  let socket: Socket
  /// The address with the port that the system chose where none was asked for.
  let address: HTTPAddress

  static func isAddress(_ host: String) -> Bool {
    (try? sockaddr_in.inet(ip4: host, port: 0)) != nil || (try? sockaddr_in6.inet6(ip6: host, port: 0)) != nil
  }

  init(_ asked: HTTPAddress) throws(HTTPServerError) {
    let address = try asked.resolved()
    do {
      let domain = address.socketPath != nil ? AF_UNIX : address.isIPv6 ? AF_INET6 : AF_INET
      let socket = try Socket(domain: domain, type: .stream)
      do {
        _ = fcntl(socket.file.rawValue, F_SETFD, FD_CLOEXEC)
        try socket.setFlags(.nonBlocking)
        let port = UInt16(address.port)
        if address.socketPath == nil { try socket.setValue(true, for: .localAddressReuse) }
        if let path = address.socketPath {
          Self.removeAbandonedSocket(path)
          try socket.bind(to: sockaddr_un.unix(path: path))
          // The folder's permissions decide who comes in; a group can be let in without them all.
          _ = chmod(path, 0o660)
        } else if address.isIPv6 {
          try socket.bind(to: sockaddr_in6.inet6(ip6: address.host, port: port))
        } else {
          try socket.bind(to: sockaddr_in.inet(ip4: address.host, port: port))
        }
        guard listen(socket.file.rawValue, SOMAXCONN) == 0 else { throw SocketError.makeFailed("listen") }
        self.socket = socket
        self.address =
          address.socketPath == nil
          ? try HTTPAddress(host: address.host, port: Self.port(of: socket)) : address
      } catch {
        try? socket.close()
        throw error
      }
    } catch {
      throw Self.explain(error, address)
    }
  }

  /// A process that was killed leaves its socket behind: nobody answers there, and binding would fail.
  private static func removeAbandonedSocket(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK,
      let probe = try? Socket(domain: AF_UNIX, type: .stream)
    else { return }
    defer { try? probe.close() }
    do {
      try probe.connect(to: sockaddr_un.unix(path: path))
    } catch SocketError.failed(_, let code, _) where code == ECONNREFUSED {
      unlink(path)
    } catch {}
  }

  private static func port(of socket: Socket) throws -> Int {
    switch try socket.sockname() {
    case .ip4(_, let port), .ip6(_, let port): Int(port)
    case .unix: 0
    }
  }

  private static func explain(_ error: any Error, _ address: HTTPAddress) -> HTTPServerError {
    guard case SocketError.failed(let operation, let code, let message)? = error as? SocketError else {
      return .system(operation: "listen on \(address)", reason: "\(error)")
    }
    return switch code {
    case EADDRINUSE: .addressInUse(address)
    case EADDRNOTAVAIL: .addressNotAvailable(address)
    case EACCES, EPERM: .permissionDenied(address)
    default: .system(operation: "listen on \(address) (\(operation.lowercased()))", reason: message)
    }
  }

  /// Takes a waiting connection; never blocks.
  func accept() -> Acceptance {
    let descriptor = Glibc.accept(socket.file.rawValue, nil, nil)
    guard descriptor >= 0 else { return Self.classify(errno) }
    let accepted = Socket(file: .init(rawValue: descriptor))
    guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0, (try? accepted.setFlags(.nonBlocking)) != nil else {
      try? accepted.close()
      return .aborted
    }
    return .socket(accepted)
  }

  /// accept(2): errors of a connection that is already broken are reported here and concern that one alone.
  package static func classify(_ code: Int32) -> Acceptance {
    switch code {
    case EAGAIN: .none
    case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP,
      ENETUNREACH, EPERM, ETIMEDOUT:
      .aborted
    case EMFILE, ENFILE, ENOBUFS, ENOMEM: .exhausted(errno: code)
    default: .failed(errno: code)
    }
  }

  func close() {
    if let path = address.socketPath { unlink(path) }
    try? socket.close()
  }
}
