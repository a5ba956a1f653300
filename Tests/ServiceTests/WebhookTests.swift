import Capacity
import Datasets
import Foundation
import HTTPServer
import Logging
import Persistence
import Service
import ServiceLifecycle
import Synchronization
import Testing

/// Receives webhooks on a socket, as anybody's server would, and checks each signature by its own HMAC.
final class WebhookReceiver: Sendable {
  struct Delivery: Sendable {
    let id: String
    let content: JSONValue
    let text: String
    let isSigned: Bool
  }

  let secret = WebhookSignature.makeSecret()
  private let received = Mutex<[Delivery]>([])
  private let answer = Mutex(HTTPResponse(status: .noContent))
  private let held = Mutex(0)
  private let server: HTTPServer
  let address: HTTPAddress

  var deliveries: [Delivery] { received.withLock { $0 } }
  /// Requests that wait for their answer.
  var holding: Int { held.withLock { $0 } }

  init(_ host: String = "127.0.0.1") throws {
    let box = Box()
    var router = Router(logger: quiet)
    router.on(.post, "/hook", deadline: .seconds(3_600)) { try await box.receiver!.take($0) }
    server = HTTPServer(
      configuration: HTTPServerConfiguration(address: try HTTPAddress(host: host, port: 0)), router: router,
      logger: quiet)
    address = try server.bind()
    box.receiver = self
  }

  private final class Box: @unchecked Sendable { weak var receiver: WebhookReceiver? }

  var url: String { "http://\(address)/hook" }

  /// What it says from now on; a request that is to wait holds until this is called again.
  func answers(_ response: HTTPResponse) { answer.withLock { $0 = response } }

  private func take(_ request: HTTPRequest) async throws -> HTTPResponse {
    let text = String(decoding: try await request.collectJSON(), as: UTF8.self)
    let (id, time) = (request.headers["webhook-id"] ?? "", request.headers["webhook-timestamp"] ?? "")
    let seconds = Double(time) ?? 0
    let expected = Self.hmac("\(id).\(time).\(text)", key: Data(base64Encoded: String(secret.dropFirst(6)))!)
    received.withLock {
      $0.append(
        Delivery(
          id: id, content: (try? JSONValue(parsing: text.utf8)) ?? .null, text: text,
          isSigned: request.headers["webhook-signature"] == "v1,\(expected)"
            && abs(seconds - Date().timeIntervalSince1970) < 60))
    }
    held.withLock { $0 += 1 }
    defer { held.withLock { $0 -= 1 } }
    while answer.withLock({ $0.status == .accepted }) {
      if Task.isCancelled { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    return answer.withLock { $0 }
  }

  /// RFC 2104, of SHA-256, in base64.
  private static func hmac(_ text: String, key: Data) -> String {
    let key = [UInt8](key) + [UInt8](repeating: 0, count: 64 - key.count)
    let bytes = { (hex: String) in
      stride(from: 0, to: 64, by: 2).map { UInt8(hex.dropFirst($0).prefix(2), radix: 16)! }
    }
    let inner = contentDigest(of: key.map { $0 ^ 0x36 } + Array(text.utf8))
    return Data(bytes(contentDigest(of: key.map { $0 ^ 0x5C } + bytes(inner)))).base64EncodedString()
  }

  /// Serves while `body` runs.
  func serving<T: Sendable>(_ body: () async throws -> T) async throws -> T {
    async let running: Void = server.run()
    let result: Result<T, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    answers(HTTPResponse(status: .noContent))
    server.triggerGracefulShutdown()
    try await running
    return try result.get()
  }
}

/// What is told of ended jobs, to whom, and how often.
@Suite struct WebhookTests {
  private static let job =
    #"{"dataset": {"name": "gaussian", "dimensions": 3}, "model": {"kind": "linear"}}"#

  /// A service without workers that delivers to loopback.
  private func withWebhooks<T: Sendable>(
    allowed: [String] = ["127.0.0.1"], timeout: Duration = .seconds(10),
    _ body: @Sendable (TestService, WebhookStore) async throws -> T
  ) async throws -> T {
    let url = try await TestCluster.shared.makeDatabase()
    let database = try Database(url: url, poolSize: 4, logger: quiet)
    _ = try await database.migrate()
    let sender = WebhookSender(allowed: allowed.map { AddressRange($0)! }, timeout: timeout)
    let bell = Wakeup()
    let events = try NotificationListener(url: url, logger: quiet)
    let store = WebhookStore(database: database)
    let folder = FileManager.default.temporaryDirectory
    let datasets = DatasetLibrary(directory: folder)
    let service = TestService(
      router: .api(database: database, datasets: datasets, webhooks: (sender, bell), logger: quiet),
      database: database, datasets: datasets, dataDirectory: folder)
    let group = ServiceGroup(
      services: [
        WebhookService(
          store: store, events: events, sender: sender, name: "test", bell: bell,
          exporter: PrometheusExporter(),
          logger: quiet)
      ], gracefulShutdownSignals: [], logger: quiet)
    async let running: Void = group.run()
    let result: Result<T, any Error>
    do { result = .success(try await body(service, store)) } catch { result = .failure(error) }
    await group.triggerGracefulShutdown()
    try await running
    events.close()
    await database.close()
    return try result.get()
  }

  private func submit(_ service: TestService, _ body: String = job) async throws -> String {
    let (response, job) = try await service.send(.post, "/v1/jobs", body)
    #expect(response.status == .accepted, "\(job)")
    return try #require(job["id"]?.stringValue)
  }

  private func deliveries(_ service: TestService, _ id: String) async throws -> [JSONValue] {
    try await service.send(.get, "/v1/webhooks/\(id)/deliveries").1["items"]?.arrayValue ?? []
  }

  @Test func anEndIsToldOnceAndSentAgainOnDemand() async throws {
    let receiver = try WebhookReceiver()
    try await receiver.serving {
      try await withWebhooks { service, _ in
        let (created, hook) = try await service.send(
          .post, "/v1/webhooks", #"{"url": "\#(receiver.url)", "secret": "\#(receiver.secret)"}"#)
        #expect(created.status == .created)
        let id = try #require(hook["id"]?.stringValue)
        let job = try await submit(service)
        #expect(try await service.send(.post, "/v1/jobs/\(job)/cancel").0.status == .ok)
        let entry = try await eventually("a delivery") {
          try await deliveries(service, id).first { $0["state"] == .string("delivered") }
        }
        let told = receiver.deliveries
        #expect(told.count == 1 && told[0].isSigned)
        #expect(told[0].content["type"] == .string("job.cancelled"))
        #expect(told[0].content["data"]?["id"] == .string(job))
        #expect(told[0].content["id"] == .string(told[0].id) && entry["id"] == .string(told[0].id))
        #expect(entry["attempts"] == .integer(1) && entry["status"] == .integer(204))
        #expect(entry["payload"] == told[0].content)

        let path = "/v1/webhooks/\(id)/deliveries/\(told[0].id)/redeliver"
        #expect(try await service.send(.post, path).0.status == .accepted)
        _ = try await eventually("the second") { receiver.deliveries.count == 2 ? true : nil }
        // A receiver tells it by its id.
        let again = receiver.deliveries[1]
        #expect(again.id == told[0].id && again.text == told[0].text && again.isSigned)
        let list = try await service.send(.get, "/v1/webhooks").1
        #expect(list["items"]?.arrayValue?.count == 1 && !list.text().contains("whsec"))
        #expect(try await service.send(.delete, "/v1/webhooks/\(id)").0.status == .noContent)
        for (method, path) in [
          (HTTPMethod.delete, "/v1/webhooks/\(id)"), (.get, "/v1/webhooks/\(id)/deliveries"), (.post, path),
        ] {
          #expect(try await service.send(method, path).0.status == .notFound)
        }
      }
    }
  }

  /// Succeeded, failed, cancelled, by whoever: one event each, and none of what was rolled back.
  @Test func everyEndIsAnEvent() async throws {
    try await withDatabase { database in
      let store = WebhookStore(database: database)
      let hook = try await store.create(url: "http://a.example/", secret: WebhookSignature.makeSecret())
      let jobs = JobStore(database: database, engineRevision: engineRevision)
      var ids: [UUID] = []
      for _ in 0..<4 { ids.append(try await jobs.submit(JobSubmission(specification: "{}")).id) }
      _ = try await jobs.advance(id: ids[0]) { _ in .succeed(result: #"{"emc": 7}"#, progress: "{}") }
      _ = try await jobs.advance(id: ids[1]) { _ in .fail(error: "broken") }
      _ = try await jobs.cancel(ids[2])
      struct Abandoned: Error {}
      _ = try? await database.transaction { session in
        try session.query(
          Statement("end", "UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE state = 'queued'"))
        throw Abandoned()
      }
      let events = try await store.deliveries(of: hook.id, after: nil, limit: 10)
      #expect(events.map(\.event) == ["job.cancelled", "job.failed", "job.succeeded"])
      let last = try JSONValue(parsing: events[2].payload.utf8)
      #expect(
        last["data"]?["emc"] == .integer(7) && last["data"]?["id"] == .string(ids[0].uuidString.lowercased()))
      #expect(try JSONValue(parsing: events[1].payload.utf8)["data"]?["error"] == .string("broken"))
    }
  }

  @Test func aJobBringsItsOwn() async throws {
    let receiver = try WebhookReceiver()
    try await receiver.serving {
      try await withWebhooks { service, _ in
        let own = #""webhooks": [{"url": "\#(receiver.url)", "secret": "\#(receiver.secret)"}]"#
        let mine = try await submit(service, Self.job.dropLast() + ", \(own)}")
        let other = try await submit(service)
        let shown = try await service.send(.get, "/v1/jobs/\(mine)").1.text()
        #expect(!shown.contains("whsec") && !shown.contains("webhooks"))
        for job in [other, mine] { _ = try await service.send(.post, "/v1/jobs/\(job)/cancel") }
        let told = try await eventually("an event") {
          receiver.deliveries.isEmpty ? nil : receiver.deliveries
        }
        #expect(told.map { $0.content["data"]?["id"] } == [.string(mine)] && told[0].isSigned)
        let hooks = try await service.send(.get, "/v1/webhooks?job=\(mine)").1["items"]?.arrayValue
        #expect(hooks?.count == 1)
        #expect(try await service.send(.get, "/v1/webhooks").1["items"] == .array([]))
      }
    }
  }

  @Test func whatFailsIsSentAgainLater() async throws {
    let receiver = try WebhookReceiver()
    try await receiver.serving {
      receiver.answers(HTTPResponse(status: .internalServerError))
      try await withWebhooks { service, store in
        let hook = try await store.create(url: receiver.url, secret: receiver.secret)
        let id = hook.id.uuidString.lowercased()
        for _ in 0..<2 {
          _ = try await service.send(.post, "/v1/jobs/\(try await submit(service))/cancel")
        }
        let failed = try await eventually("two failed attempts") {
          let entries = try await deliveries(service, id)
          return entries.allSatisfy { $0["status"] == .integer(500) } && entries.count == 2 ? entries : nil
        }
        #expect(
          failed.allSatisfy { $0["state"] == .string("pending") && $0["attempts"]?.integerValue ?? 0 >= 1 })
        #expect(failed[0]["error"] == .string("the receiver answered 500"))
        receiver.answers(HTTPResponse(status: .ok))
        // The clock is put forward.
        try await service.database.withConnection {
          _ = try $0.query(
            Statement(
              "hurry", "UPDATE webhook_deliveries SET next_attempt_at = now() WHERE state = 'pending'"))
        }
        _ = try await eventually("two deliveries") {
          try await deliveries(service, id).allSatisfy { $0["state"] == .string("delivered") } ? true : nil
        }
        #expect(receiver.deliveries.allSatisfy { $0.isSigned })
        #expect(Set(receiver.deliveries.map(\.id)).count == 2)
      }
    }
  }

  /// One that never answers keeps the events of the others from nobody.
  @Test(.timeLimit(.minutes(5))) func aReceiverThatHangsHoldsUpNoOther() async throws {
    let (hanging, well) = (try WebhookReceiver(), try WebhookReceiver())
    hanging.answers(HTTPResponse(status: .accepted))
    try await hanging.serving {
      try await well.serving {
        try await withWebhooks(timeout: .seconds(3_600)) { service, store in
          let hook = try await store.create(url: hanging.url, secret: hanging.secret)
          _ = try await store.create(url: well.url, secret: well.secret)
          for count in 1...3 {
            _ = try await service.send(.post, "/v1/jobs/\(try await submit(service))/cancel")
            _ = try await eventually("delivery \(count)") { well.deliveries.count >= count ? true : nil }
          }
          _ = try await eventually("the one that hangs") { hanging.holding > 0 ? true : nil }
          let entries = try await deliveries(service, hook.id.uuidString.lowercased())
          #expect(entries.count == 3 && entries.allSatisfy { $0["state"] == .string("pending") })
        }
      }
    }
  }

  /// What is being sent is left alone: nobody waits for an answer that doesn't come, and it is sent again.
  @Test(.timeLimit(.minutes(5))) func aReceiverThatHangsHoldsUpNoShutdown() async throws {
    let hanging = try WebhookReceiver()
    hanging.answers(HTTPResponse(status: .accepted))
    try await hanging.serving {
      try await withWebhooks(timeout: .seconds(3_600)) { service, store in
        let hook = try await store.create(url: hanging.url, secret: hanging.secret)
        _ = try await service.send(.post, "/v1/jobs/\(try await submit(service))/cancel")
        _ = try await eventually("a request without an answer") { hanging.holding > 0 ? true : nil }
        let entry = try await deliveries(service, hook.id.uuidString.lowercased()).first
        #expect(entry?["state"] == .string("pending") && entry?["attempts"] == .integer(1))
      }
      // The service has ended before it was answered.
      #expect(hanging.holding > 0)
    }
  }

  /// A day, ever more rarely.
  @Test func attemptsGoOnForADay() {
    let waits = WebhookService.backoff
    #expect(zip(waits, waits.dropFirst()).allSatisfy(<))
    let whole = waits.reduce(.zero, +)
    #expect(whole > .seconds(86_400) && whole < .seconds(1.2 * 86_400))
    #expect(waits[0] <= .seconds(5))
  }

  @Test func whatIsAskedForIsChecked() async throws {
    try await withWebhooks(allowed: []) { service, _ in
      for (body, pointers) in [
        (#"{"url": "ftp://a.example", "x": 1}"#, ["/url", "/x"]), (#"{}"#, ["/url"]),
        (#"{"url": "https://user:secret@a.example/"}"#, ["/url"]),
        (#"{"url": "https://a.example:99999/"}"#, ["/url"]), (#"{"url": "https://a.example:0/"}"#, ["/url"]),
        (#"{"url": "http://127.0.0.1/"}"#, ["/url"]), (#"{"url": "http://[::1]:9/"}"#, ["/url"]),
        (#"{"url": "http://169.254.169.254/latest"}"#, ["/url"]),
        (#"{"url": "https://a.example/", "secret": "hunter2hunter2"}"#, ["/secret"]),
      ] {
        let (response, problem) = try await service.send(.post, "/v1/webhooks", body)
        #expect(response.status == .unprocessableContent, "\(body)")
        #expect(problem["errors"]?.arrayValue?.compactMap { $0["pointer"]?.stringValue } == pointers)
        #expect(!problem.text().contains("hunter2"))
      }
      let (response, problem) = try await service.send(
        .post, "/v1/jobs", Self.job.dropLast() + #", "webhooks": [{"url": "http://10.0.0.1/"}]}"#)
      #expect(response.status == .unprocessableContent)
      #expect(
        problem["errors"]?.arrayValue?.compactMap { $0["pointer"]?.stringValue }
          == ["/webhooks/0/url", "/webhooks/0/secret"])
    }
  }
}

/// Where deliveries may go.
@Suite struct WebhookAddressTests {
  @Test(arguments: [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "203.0.113.9",
    "224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "fc00::1", "fdff::1", "fe80::1",
    "fec0::1",
    "ff02::1",
  ])
  func specialAddressesAreNotPublic(_ text: String) throws {
    #expect(!(try #require(IPAddress(text)).isPublic))
  }

  @Test(arguments: [
    "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
    "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
    "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::101:101",
  ])
  func othersAre(_ text: String) throws {
    #expect(try #require(IPAddress(text)).isPublic)
  }

  @Test func rangesAreThoseOfTheirLengths() throws {
    let range = try #require(AddressRange("192.168.4.0/22"))
    for (text, isIn) in [
      ("192.168.3.255", false), ("192.168.4.0", true), ("192.168.7.255", true), ("192.168.8.0", false),
      ("::ffff:192.168.5.5", true),
    ] {
      #expect(range.contains(try #require(IPAddress(text))) == isIn, "\(text)")
    }
    for wrong in ["", "10.0.0.0/33", "10.0.0/8", "fc00::/129", "name", "10.0.0.0/-1", "10.0.0.0/8/8"] {
      #expect(AddressRange(wrong) == nil, "\(wrong)")
    }
  }

  /// The vector of the scheme's own documentation.
  @Test func signaturesAreThoseOfTheStandard() throws {
    let key = try #require(WebhookSignature.key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    let fields = WebhookSignature.fields(
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek", seconds: 1_614_265_330, content: #"{"test": 2432232314}"#, key: key)
    #expect(
      fields[2].0 == "webhook-signature" && fields[2].1 == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    #expect(WebhookSignature.key(WebhookSignature.makeSecret())?.count == 32)
    for wrong in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAAA", "whsec_#"] {
      #expect(WebhookSignature.key(wrong) == nil)
    }
  }

  /// Digits, names and redirects are looked at when the connection is made.
  @Test func nothingPrivateIsReached() async throws {
    let receiver = try WebhookReceiver()
    try await receiver.serving {
      let port = receiver.address.port
      let closed = WebhookSender(timeout: .seconds(20))
      for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "127.1"] {
        let outcome = try await closed.send(to: "http://\(host):\(port)/hook", fields: [], content: "{}")
        guard case .failed(nil, let error) = outcome else {
          Issue.record("\(host) was reached")
          continue
        }
        #expect(error.contains("private"), "\(host): \(error)")
      }
      #expect(receiver.deliveries.isEmpty)
      let open = WebhookSender(allowed: [try #require(AddressRange("127.0.0.1/32"))])
      let fields = [("Content-Type", "application/json")]
      #expect(try await open.send(to: receiver.url, fields: fields, content: "{}") == .delivered(status: 204))

      // To another address of loopback than the one that is allowed.
      let second = try WebhookReceiver("127.0.0.2")
      try await second.serving {
        receiver.answers(
          HTTPResponse(status: .temporaryRedirect, headers: ["Location": try HTTPHeaderValue(second.url)]))
        let outcome = try await open.send(to: receiver.url, fields: fields, content: "{}")
        guard case .failed(nil, let error) = outcome else {
          Issue.record("a redirect was followed to \(second.address)")
          return
        }
        #expect(error.contains("private") && second.deliveries.isEmpty)
        let both = WebhookSender(allowed: [try #require(AddressRange("127.0.0.0/8"))])
        #expect(
          try await both.send(to: receiver.url, fields: fields, content: #"{"a": 1}"#)
            == .delivered(status: 204))
        #expect(second.deliveries.map(\.text) == [#"{"a": 1}"#])
        receiver.answers(
          HTTPResponse(status: .temporaryRedirect, headers: ["Location": "file:///etc/passwd"]))
        guard case .failed = try await both.send(to: receiver.url, fields: fields, content: "{}") else {
          Issue.record("a file was read")
          return
        }
      }
    }
  }
}
