import Foundation
import HTTPServer
import Synchronization
import Testing

/// The examples of `deploy/`, but for their ports, names and certificates, in front of a server: Debian's nginx and Caddy
/// where they are installed.
@Suite(.serialized) struct ProxyTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func installed(_ name: String) -> String? {
    let path = ["/usr/sbin/\(name)", "/usr/bin/\(name)"].first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
    if path == nil { print("Skipped: there is no \(name) on this machine.") }
    return path
  }

  @Test func nginxPassesStreamsOn() async throws {
    guard let nginx = Self.installed("nginx"), Self.installed("openssl") != nil else { return }
    try await withProxy { folder, address, port in
      try await Self.run(
        "/usr/bin/openssl",
        [
          "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=emc.example",
          "-keyout",
          "\(folder.path)/emc.key", "-out", "\(folder.path)/emc.pem",
        ], in: folder)
      let example = try String(contentsOf: Self.root.appending(path: "deploy/nginx.conf"), encoding: .utf8)
        .replacing("127.0.0.1:8080", with: "\(address)")
        .replacing("listen 443 ssl", with: "listen 127.0.0.1:\(port) ssl")
        .replacing("/etc/ssl/", with: "\(folder.path)/")
      let configuration = """
        daemon off; pid \(folder.path)/pid; error_log \(folder.path)/log; worker_processes 1;
        \(geteuid() == 0 ? "user root;" : "")
        events {}
        http {
          access_log off;
          client_body_temp_path \(folder.path)/b; proxy_temp_path \(folder.path)/p; fastcgi_temp_path \(folder.path)/f;
          uwsgi_temp_path \(folder.path)/u; scgi_temp_path \(folder.path)/s;
          \(example)
        }
        """
      let file = folder.appending(path: "nginx.conf")
      try configuration.write(to: file, atomically: true, encoding: .utf8)
      return (nginx, ["-p", folder.path, "-e", "\(folder.path)/log", "-c", file.path])
    }
  }

  @Test func caddyPassesStreamsOn() async throws {
    guard let caddy = Self.installed("caddy") else { return }
    try await withProxy { folder, address, port in
      let example = try String(contentsOf: Self.root.appending(path: "deploy/Caddyfile"), encoding: .utf8)
        .replacing("127.0.0.1:8080", with: "\(address)")
        .replacing("emc.example {", with: "https://emc.example:\(port) {\n\tbind 127.0.0.1\n\ttls internal")
      let file = folder.appending(path: "Caddyfile")
      try
        "{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n\tstorage file_system \(folder.path)/storage\n}\n\(example)"
        .write(to: file, atomically: true, encoding: .utf8)
      return (caddy, ["run", "--adapter", "caddyfile", "--config", file.path])
    }
  }

  /// Runs a proxy and sends what people send through it: an answer, an upload, and events as they happen.
  private func withProxy(
    _ prepare: @Sendable (URL, HTTPAddress, Int) async throws -> (program: String, arguments: [String])
  ) async throws {
    guard Self.installed("curl") != nil else { return }
    let folder = FileManager.default.temporaryDirectory.appending(path: "emc-proxy-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let streams = Mutex<[EventStream]>([])
    try await withServer { router in
      router.use(TrustedHosts(["emc.example"]))
      router.on(.get, "/hello") { request in
        .text("\(request.authority ?? "") \(request.headers["X-Forwarded-Proto"] ?? "")")
      }
      router.on(.post, "/length") { request in
        var count = 0
        for try await piece in request.body.limited(to: 100_000_000) { count += piece.count }
        return .text("\(count)")
      }
      router.on(.get, "/events") { _ in
        let stream = EventStream(heartbeat: .seconds(600))
        streams.withLock { $0.append(stream) }
        return .events(stream)
      }
    } _: { address in
      let port = try Self.freePort()
      let (program, arguments) = try await prepare(folder, address, port)
      let proxy = Process()
      proxy.executableURL = URL(filePath: program)
      proxy.arguments = arguments
      proxy.environment = ["HOME": folder.path, "PATH": "/usr/bin:/bin"]
      (proxy.standardOutput, proxy.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
      try proxy.run()
      defer { kill(proxy.processIdentifier, SIGKILL) }
      let base = [
        "--silent", "--insecure", "--http1.1", "--resolve", "emc.example:\(port):127.0.0.1", "--max-time",
        "60",
      ]
      let site = "https://emc.example:\(port)"
      let deadline = ContinuousClock.now + .seconds(60)
      var hello = ""
      while hello.isEmpty, ContinuousClock.now < deadline {
        hello = (try? await Self.run("/usr/bin/curl", base + ["\(site)/hello"], in: folder)) ?? ""
        if hello.isEmpty { try await Task.sleep(for: .milliseconds(50)) }
      }
      #expect(hello.hasPrefix("emc.example") && hello.hasSuffix(" https"), "\(hello)")
      let large = folder.appending(path: "large")
      try Data(count: 5_000_000).write(to: large)
      let length = try await Self.run(
        "/usr/bin/curl", base + ["--data-binary", "@\(large.path)", "\(site)/length"], in: folder)
      #expect(length == "5000000")

      // Each event is sent once the one before has come through: a proxy that gathers them never goes on.
      let pipe = Pipe()
      let client = Process()
      client.executableURL = URL(filePath: "/usr/bin/curl")
      client.arguments = base + ["--no-buffer", "\(site)/events"]
      client.standardOutput = pipe
      try client.run()
      defer { kill(client.processIdentifier, SIGKILL) }
      let received = Mutex("")
      pipe.fileHandleForReading.readabilityHandler = { handle in
        let text = String(decoding: handle.availableData, as: UTF8.self)
        received.withLock { $0 += text }
      }
      defer { pipe.fileHandleForReading.readabilityHandler = nil }
      for index in 0..<3 {
        let stream = try await Self.eventually { streams.withLock { $0.first } }
        stream.send(ServerSentEvent(data: "news \(index)"))
        _ = try await Self.eventually {
          received.withLock { $0.contains("data: news \(index)\n") } ? true : nil
        }
      }
    }
  }

  private struct TimedOut: Error {}

  private static func eventually<T>(_ value: () -> T?) async throws -> T {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
      if let value = value() { return value }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw TimedOut()
  }

  /// A port that was free a moment ago.
  private static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        _ = bind(descriptor, pointer, length)
        _ = getsockname(descriptor, pointer, &length)
      }
      return Int(UInt16(bigEndian: pointer.pointee.sin_port))
    }
  }

  /// What a program writes; throws where it fails.
  @discardableResult
  private static func run(_ program: String, _ arguments: [String], in folder: URL) async throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let output = folder.appending(path: UUID().uuidString)
    try Data().write(to: output)
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = FileHandle.nullDevice
    let status = try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    if status != 0 { throw TimedOut() }
    return String(decoding: try Data(contentsOf: output), as: UTF8.self)
  }
}
