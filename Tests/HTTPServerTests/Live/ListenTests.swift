import FlyingSocks
import Foundation
import HTTPServer
import Testing

@Suite struct ListenTests {
  private func server(_ address: HTTPAddress) -> HTTPServer {
    var router = Router(logger: silent)
    router.on(.get, "/") { .text($0.remoteAddress ?? "") }
    return HTTPServer(
      configuration: HTTPServerConfiguration(address: address), router: router, logger: silent)
  }

  private func path() -> String { "/tmp/emc-\(UUID().uuidString).sock" }

  private func client(_ path: String) async throws -> AsyncSocket {
    let socket = try await AsyncSocket(socket: Socket(domain: AF_UNIX, type: .stream), pool: .client)
    try await socket.connect(to: sockaddr_un.unix(path: path))
    return socket
  }

  @Test("A Unix socket: served, closed to others, gone afterwards")
  func unixSocket() async throws {
    let path = path()
    let server = server(try HTTPAddress("unix:\(path)"))
    #expect(try server.bind().description == "unix:\(path)")
    let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(permissions == 0o660)
    let run = Task { try await server.run() }
    let socket = try await client(path)
    try await socket.write(Data("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8))
    let text = try await within(.seconds(20)) {
      var bytes: [UInt8] = []
      while let piece = try? await socket.read(atMost: 4_096) { bytes += piece }
      return String(decoding: bytes, as: UTF8.self)
    }
    #expect(TestResponse.all(in: text).map(\.content) == ["unix"])
    try? socket.close()
    server.triggerGracefulShutdown()
    try await within(.seconds(20)) { try await run.value }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("A socket that a killed process left behind is replaced; one in use, and a file, are not")
  func abandoned() throws {
    let path = path()
    defer { unlink(path) }
    let dead = try Socket(domain: AF_UNIX, type: .stream)
    try dead.bind(to: sockaddr_un.unix(path: path))
    try dead.close()
    let address = try HTTPAddress(socketPath: path)
    try server(address).bind()
    #expect(throws: HTTPServerError.addressInUse(address)) { try server(address).bind() }
    unlink(path)
    try Data("precious".utf8).write(to: URL(filePath: path))
    #expect(throws: HTTPServerError.addressInUse(address)) { try server(address).bind() }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    #expect(throws: HTTPServerError.self) { try server(HTTPAddress("unix:/nowhere/at/all.sock")).bind() }
  }

  @Test("A name is looked up; one without an address is told as such")
  func names() throws {
    // RFC 6761 §6.4: .invalid never has an address.
    #expect(throws: HTTPServerError.unknownHost("emc.invalid")) {
      try server(HTTPAddress("emc.invalid:0")).bind()
    }
    let name = ProcessInfo.processInfo.hostName
    guard let address = try? HTTPAddress("\(name):0"), let bound = try? server(address).bind() else {
      return print("Skipped: this machine's own name has no address.")
    }
    #expect(bound.port > 0 && bound.host != name)
  }

  @Test("A client's address has a share of the connections; loopback, where proxies are, may be exempt")
  func share() async throws {
    func responses(exempt: Bool) async throws -> [Int] {
      var limits = HTTPLimits()
      limits.connectionsOfClient = 2
      limits.exemptsLoopback = exempt
      return try await withServer(limits: limits) { router in
        router.on(.get, "/") { _ in .text("hello") }
      } _: { address in
        var statuses: [Int] = []
        var clients: [TestClient] = []
        defer { for client in clients { client.close() } }
        for source in ["127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.2"] {
          let client = try await TestClient(address, from: source)
          clients.append(client)
          // A refused client may be told before it has asked.
          try? await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
          statuses.append(try await client.readResponse().status)
        }
        // Closed once: its number may be another's afterwards.
        clients.removeFirst().close()
        try await within(.seconds(20)) {
          while true {
            let client = try await TestClient(address, from: "127.0.0.1")
            defer { client.close() }
            try? await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            if try await client.readResponse().status == 200 { return }
          }
        }
        return statuses
      }
    }
    #expect(try await responses(exempt: false) == [200, 200, 429, 200])
    #expect(try await responses(exempt: true) == [200, 200, 200, 200])
  }
}
