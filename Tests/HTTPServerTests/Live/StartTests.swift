import FlyingSocks
import Glibc
import HTTPServer
import Synchronization
import Testing

@Suite struct StartTests {
  private func server(_ address: HTTPAddress) -> HTTPServer {
    HTTPServer(
      configuration: HTTPServerConfiguration(address: address), router: Router(logger: silent), logger: silent
    )
  }

  @Test("A port in use is told in one line that says what to do")
  func portInUse() throws {
    let address = try server(HTTPAddress("127.0.0.1:0")).bind()
    #expect(address.port > 0)
    let second = server(address)
    #expect(throws: HTTPServerError.addressInUse(address)) { try second.bind() }
    let text = "\(HTTPServerError.addressInUse(address))"
    #expect(text.contains("\(address.port)") && text.contains("another port") && !text.contains("\n"))
  }

  @Test("An address of another machine is told as such")
  func foreignAddress() throws {
    // TEST-NET-1, RFC 5737: assigned to nobody.
    let address = try HTTPAddress(host: "192.0.2.1", port: 0)
    #expect(throws: HTTPServerError.addressNotAvailable(address)) { try server(address).bind() }
  }

  @Test("run() fails as bind() does")
  func runFails() async throws {
    let address = try server(HTTPAddress("127.0.0.1:0")).bind()
    let second = server(address)
    await #expect(throws: HTTPServerError.addressInUse(address)) { try await second.run() }
  }

  @Test(
    "Addresses to listen on",
    arguments: [
      ("127.0.0.1:8080", "127.0.0.1:8080"), ("0.0.0.0:0", "0.0.0.0:0"), ("[::1]:80", "[::1]:80"),
      ("[::]:65535", "[::]:65535"), ("localhost:1", "127.0.0.1:1"),
    ])
  func addresses(_ text: String, _ canonical: String) throws {
    #expect(try HTTPAddress(text).description == canonical)
  }

  @Test(
    "What is no address is refused",
    arguments: [
      "", ":", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:x",
      "256.0.0.1:80", "::1:80", "[::1]", "[::g]:80", "[127.0.0.1:80", "a_b:80", "-a:80", "a.:80", "a..b:80",
      "1.2.3:80",
      "unix:", "unix:relative", "unix:/\(String(repeating: "a", count: 107))",
      "127.0.0.1:99999999999999999999",
    ])
  func invalidAddresses(_ text: String) {
    #expect(throws: HTTPServerError.invalidAddress(text)) { try HTTPAddress(text) }
  }

  @Test("IPv6")
  func ipv6() async throws {
    guard (try? server(HTTPAddress("[::1]:0")).bind()) != nil else {
      return print("Skipped: this machine has no IPv6 loopback address.")
    }
    try await withServer(host: "::1") { router in
      router.on(.get, "/") { .text($0.remoteAddress ?? "") }
    } _: { address in
      let client = try await TestClient(address)
      defer { client.close() }
      try await client.send("GET / HTTP/1.1\r\nHost: [::1]:\(address.port)\r\n\r\n")
      #expect(try await client.readResponse().content.hasPrefix("[::1]:"))
    }
  }

  @Test("Out of descriptors, accepting pauses and goes on", arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM])
  func exhaustion(_ code: Int32) async throws {
    final class Attempts: Sendable { let count = Mutex(0) }
    let attempts = Attempts()
    let acceptor = Acceptor(logger: silent) {
      let attempt = attempts.count.withLock { count -> Int in
        count += 1
        return count
      }
      switch attempt {
      case 1...3: return ListeningSocket.classify(code)
      case 4: return ListeningSocket.classify(ECONNABORTED)
      case 5: return ListeningSocket.classify(EAGAIN)
      default: return .socket(Socket(file: .init(rawValue: 1_000_000)))
      }
    } readiness: {
    }
    let start = ContinuousClock.now
    #expect(try await acceptor.next()?.file.rawValue == 1_000_000)
    #expect(attempts.count.withLock { $0 } == 6)
    // Three pauses, each twice the one before: no busy loop.
    #expect(ContinuousClock.now - start >= .milliseconds(70))
  }

  @Test("A listening socket that is broken ends the server with an error")
  func broken() async {
    let acceptor = Acceptor(logger: silent) {
      ListeningSocket.classify(EBADF)
    } readiness: {
    }
    await #expect(throws: HTTPServerError.self) { try await acceptor.next() }
  }
}
