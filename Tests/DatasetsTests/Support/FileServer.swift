import Foundation
import Synchronization

/// An HTTP server on loopback that plays the public host: files of a folder, ranges, entity tags, and faults.
final class FileServer: Sendable {
  /// What goes wrong with an answer.
  enum Fault: Sendable {
    /// The connection ends after so many bytes of the body.
    case cut(after: Int)
    case status(Int)
    /// A range is answered with the whole file.
    case ignoresRanges
    /// So many bytes of the body come, and then nothing for as long as the server runs.
    case stall(after: Int)
    /// Half of the body comes at once, the rest when the closure has returned.
    case pause(until: @Sendable () -> Void)
  }

  struct Log: Sendable {
    var paths: [String] = []
    var ranges: [String] = []
  }

  private let socket: Int32
  private let folder: String
  private let faults: Mutex<[Fault]>
  private let state = Mutex(Log())
  let address: String
  var log: Log { state.withLock { $0 } }

  /// Serves `folder`; the first answers to files have the faults, in order.
  init(_ folder: String, faults: [Fault] = []) throws {
    self.folder = folder
    self.faults = Mutex(faults)
    socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var endpoint = sockaddr_in()
    endpoint.sin_family = sa_family_t(AF_INET)
    endpoint.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port: UInt16? = withUnsafeMutablePointer(to: &endpoint) { [socket] pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        guard bind(socket, pointer, length) == 0, listen(socket, 16) == 0,
          getsockname(socket, pointer, &length) == 0
        else { return nil }
        return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          UInt16(bigEndian: $0.pointee.sin_port)
        }
      }
    }
    guard let port else { throw CocoaError(.fileReadUnknown) }
    address = "http://127.0.0.1:\(port)"
    Thread.detachNewThread { [socket] in
      while true {
        let connection = accept(socket, nil, nil)
        guard connection >= 0 else { return }
        Thread.detachNewThread { [weak self] in
          self?.answer(connection)
          close(connection)
        }
      }
    }
  }

  func stop() {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }

  private func answer(_ connection: Int32) {
    var request: [UInt8] = []
    var byte: UInt8 = 0
    while !request.suffix(4).elementsEqual("\r\n\r\n".utf8), read(connection, &byte, 1) == 1 {
      request.append(byte)
    }
    let lines = String(decoding: request, as: UTF8.self).components(separatedBy: "\r\n")
    let path = lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? ""
    let range = lines.first { $0.lowercased().hasPrefix("range:") }
    state.withLock {
      $0.paths.append(path)
      if let range { $0.ranges.append(String(range.drop { $0 != "b" })) }
    }
    guard let content = FileManager.default.contents(atPath: folder + path) else {
      send(connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", [])
      return
    }
    var fault: Fault?
    if !path.hasSuffix("SHA256SUMS") {
      fault = faults.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
    var start = 0
    if let range, let first = range.split(separator: "=").last?.split(separator: "-").first {
      start = Int(first) ?? 0
    }
    var status = start > 0 ? "206 Partial Content" : "200 OK"
    switch fault {
    case .status(let code):
      send(connection, "HTTP/1.1 \(code) Fault\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", [])
      return
    case .ignoresRanges:
      start = 0
      status = "200 OK"
    default: break
    }
    let body = Array(content.dropFirst(start))
    var header =
      "HTTP/1.1 \(status)\r\nContent-Length: \(body.count)\r\nETag: \"one\"\r\nConnection: close\r\n"
    if start > 0 { header += "Content-Range: bytes \(start)-\(content.count - 1)/\(content.count)\r\n" }
    if case .cut(let count) = fault {
      send(connection, header + "\r\n", Array(body.prefix(count)))
    } else if case .stall(let count) = fault {
      send(connection, header + "\r\n", Array(body.prefix(count)))
      // Until the client hangs up.
      _ = read(connection, &byte, 1)
    } else if case .pause(let more) = fault {
      send(connection, header + "\r\n", Array(body.prefix(body.count / 2)))
      more()
      send(connection, "", Array(body.dropFirst(body.count / 2)))
    } else {
      send(connection, header + "\r\n", body)
    }
  }

  private func send(_ connection: Int32, _ header: String, _ body: [UInt8]) {
    let bytes = Array(header.utf8) + body
    var done = 0
    while done < bytes.count {
      let wrote = bytes.withUnsafeBytes {
        Foundation.send(connection, $0.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
      }
      guard wrote > 0 else { return }
      done += wrote
    }
  }
}
