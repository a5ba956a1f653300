import Foundation
import HTTPServer
import Service
import Synchronization
import Testing

/// Clients that send slowly, or nothing, keep nothing from the others.
@Suite struct SlowBodyTests {
  private static let job =
    #"{"dataset": {"name": "gaussian", "dimensions": 3}, "model": {"kind": "mlp", "hidden": [2]}}"#
  private static let study =
    #"{"base": \#(job), "axes": [{"pointer": "/model/hidden/0", "values": [2, 4]}]}"#

  private final class Counter: Sendable {
    private let state = Mutex(0)
    var value: Int { state.withLock { $0 } }
    func increment() { state.withLock { $0 += 1 } }
  }

  @Test(
    .timeLimit(.minutes(5)),
    arguments: [("/v1/jobs", job), ("/v1/studies", study), ("/v1/models/describe", job)])
  func bodiesThatDoNotComeHoldNobodyUp(_ path: String, _ document: String) async throws {
    try await withService { service in
      let bell = Wakeup()
      // Whatever comes of the test, nobody waits on.
      defer { bell.ring() }
      let begun = Counter()
      let count = 100
      try await withThrowingTaskGroup(of: HTTPStatus.self) { group in
        for _ in 0..<count {
          group.addTask {
            let body = HTTPBody(declaredLength: 1 << 20, limit: 1 << 20) {
              begun.increment()
              await bell.wait(after: 0, timeout: .seconds(3600))
              throw HTTPBodyError.disconnected
            }
            return await service.router.respond(
              to: try HTTPRequest(method: .post, target: path, body: body)
            ).status
          }
        }
        do {
          _ = try await eventually("all are being read") {
            begun.value == count ? true : nil
          }
          let (response, answer) = try await service.send(.post, path, document)
          #expect(200...299 ~= response.status.code, "\(answer)")
        } catch {
          group.cancelAll()
          throw error
        }
        bell.ring()
        try await group.waitForAll()
      }
    }
  }
}
