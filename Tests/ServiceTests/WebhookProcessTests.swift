import Capacity
import Foundation
import FoundationNetworking
import HTTPServer
import Testing

/// A service that is killed while it tells.
@Suite(.serialized) struct WebhookProcessTests {
  private func request(_ method: String, _ url: String, _ body: String? = nil) async throws -> JSONValue {
    var request = URLRequest(url: try #require(URL(string: url)))
    request.httpMethod = method
    request.httpBody = body.map { Data($0.utf8) }
    return try JSONValue(parsing: try await URLSession.shared.data(for: request).0)
  }

  /// Jobs end while the receiver hangs, the service is killed twice, and every event arrives: in order, signed, and again
  /// only where it had been sent before.
  @Test func killedBetweenAnEndAndItsDelivery() async throws {
    let receiver = try WebhookReceiver()
    try await receiver.serving {
      try await withFolder { folder in
        let url = try await TestCluster.shared.makeDatabase()
        let serve = [
          "serve", "--listen", "127.0.0.1:0", "--workers", "0", "--data-directory", folder.path,
          "--database-url", url,
          "--webhook-allow", "127.0.0.1",
        ]
        // Answers nothing until it is told to.
        receiver.answers(HTTPResponse(status: .accepted))
        let first = try EMCProcess(serve, in: folder)
        var address = "http://\(try await first.address())"
        _ = try await request(
          "POST", "\(address)/v1/webhooks", #"{"url": "\#(receiver.url)", "secret": "\#(receiver.secret)"}"#)
        var jobs: [String] = []
        for seed in 1...6 {
          let job = try await request(
            "POST", "\(address)/v1/jobs",
            #"{"dataset": {"name": "gaussian", "dimensions": 3}, "model": {"kind": "linear"}, "seed": \#(seed)}"#
          )
          jobs.append(try #require(job["id"]?.stringValue))
        }
        for job in jobs[..<3] { _ = try await request("POST", "\(address)/v1/jobs/\(job)/cancel") }
        _ = try await eventually("the first event") { receiver.deliveries.isEmpty ? nil : true }
        kill(first.process.processIdentifier, SIGKILL)
        _ = try await first.exitCode()

        let second = try EMCProcess(serve, in: folder)
        address = "http://\(try await second.address())"
        for job in jobs[3...] { _ = try await request("POST", "\(address)/v1/jobs/\(job)/cancel") }
        _ = try await eventually("the first event again") { receiver.deliveries.count >= 2 ? true : nil }
        kill(second.process.processIdentifier, SIGKILL)
        _ = try await second.exitCode()

        receiver.answers(HTTPResponse(status: .noContent))
        let third = try EMCProcess(serve, in: folder)
        _ = try await eventually("every event") {
          Set(receiver.deliveries.map(\.id)).count == jobs.count ? true : nil
        }
        third.process.terminate()
        #expect(try await third.exitCode() == 0)

        let told = receiver.deliveries
        #expect(told.allSatisfy { $0.isSigned })
        let order = told.reduce(into: [String]()) { order, delivery in
          let id = delivery.content["data"]?["id"]?.stringValue ?? ""
          if order.last != id { order.append(id) }
        }
        #expect(order == jobs, "each once, or again right after itself")
        for same in Dictionary(grouping: told, by: \.id).values { #expect(Set(same.map(\.text)).count == 1) }
      }
    }
  }

  /// The same of a study: however often the service is killed between its end and what is told of it, it is one event.
  @Test func killedBetweenAStudysEndAndItsDelivery() async throws {
    let receiver = try WebhookReceiver()
    try await receiver.serving {
      try await withFolder { folder in
        let url = try await TestCluster.shared.makeDatabase()
        let serve = [
          "serve", "--listen", "127.0.0.1:0", "--workers", "0", "--data-directory", folder.path,
          "--database-url", url, "--webhook-allow", "127.0.0.1",
        ]
        receiver.answers(HTTPResponse(status: .accepted))
        let first = try EMCProcess(serve, in: folder)
        let address = "http://\(try await first.address())"
        _ = try await request(
          "POST", "\(address)/v1/webhooks", #"{"url": "\#(receiver.url)", "secret": "\#(receiver.secret)"}"#)
        let study = try await request(
          "POST", "\(address)/v1/studies",
          #"{"base": {"dataset": {"name": "gaussian", "dimensions": 3}, "model": {"kind": "linear"}}, "#
            + #""axes": [{"pointer": "/seed", "values": [1, 2]}]}"#)
        let id = try #require(study["id"]?.stringValue)
        let ended = try await request("POST", "\(address)/v1/studies/\(id)/cancel")
        #expect(ended["state"] == .string("cancelled"))
        _ = try await eventually("the first event") { receiver.deliveries.isEmpty ? nil : true }
        kill(first.process.processIdentifier, SIGKILL)
        _ = try await first.exitCode()
        let before = receiver.deliveries.count
        let second = try EMCProcess(serve, in: folder)
        _ = try await eventually("an event again") { receiver.deliveries.count > before ? true : nil }
        kill(second.process.processIdentifier, SIGKILL)
        _ = try await second.exitCode()

        receiver.answers(HTTPResponse(status: .noContent))
        let third = try EMCProcess(serve, in: folder)
        _ = try await eventually("every event") { Set(receiver.deliveries.map(\.id)).count == 3 ? true : nil }
        third.process.terminate()
        #expect(try await third.exitCode() == 0)
        let told = receiver.deliveries
        #expect(told.allSatisfy { $0.isSigned })
        let studies = told.filter { $0.content["type"] == .string("study.cancelled") }
        #expect(Set(studies.map(\.text)).count == 1 && studies[0].content["data"]?["id"] == .string(id))
        #expect(told.last?.id == studies[0].id, "behind those of its jobs")
      }
    }
  }
}
