import Foundation
import HTTPServer
import Logging
import Testing

@Suite struct HandlerErrorTests {
  private struct Unexpected: Error { let secret = "the password is 12345" }
  private enum Known: Error { case conflict }

  private func respond(
    throwing error: any Error, logger: Logger = silent
  ) async throws -> (response: HTTPResponse, text: String) {
    var router = Router(logger: logger) { error in
      error is Known ? ProblemDocument(status: .conflict, detail: "It is finished.") : nil
    }
    router.on(.get, "/") { _ in throw error }
    let response = await router.respond(to: try HTTPRequest(method: .get, target: "/"))
    guard case .bytes(let content) = response.body else { return (response, "") }
    return (response, String(decoding: content, as: UTF8.self))
  }

  @Test("An unexpected error is a 500 that says nothing about its cause; the log has it")
  func unexpected() async throws {
    let recorder = LogRecorder()
    let (response, text) = try await respond(
      throwing: Unexpected(), logger: recorder.logger)
    #expect(response.status == .internalServerError)
    #expect(!text.contains("password"))
    #expect(!text.contains("Unexpected"))
    #expect(recorder.lines.contains { $0.hasPrefix("error") && $0.contains("12345") })
  }

  @Test("The application's errors become the problems it says")
  func mapped() async throws {
    let (response, text) = try await respond(throwing: Known.conflict)
    #expect(response.status == .conflict)
    #expect(text.contains("It is finished."))
  }

  @Test(
    "Errors of reading a body have their status",
    arguments: [
      (HTTPBodyError.tooLarge(limit: 5), 413), (.timedOut, 408), (.disconnected, 400), (.malformed("x"), 400),
      (.detached, 500),
    ])
  func body(_ error: HTTPBodyError, _ status: Int) async throws {
    #expect(try await respond(throwing: error).response.status.code == status)
  }

  @Test("RFC 9457 §3: members, extensions beside them, and the media type")
  func problem() async throws {
    struct Fault: Encodable, Sendable {
      let pointer: String
      let value: Int
    }
    let problem = ProblemDocument(
      status: .unprocessableContent, type: "https://example.com/faults", title: "Faults", detail: "1 fault",
      instance: "/jobs/1",
      extensions: ["errors": [Fault(pointer: "/model/hidden/0", value: -1)], "status": 999],
      headers: ["Retry-After": "3"])
    let (response, text) = try await respond(throwing: problem)
    #expect(response.status.code == 422)
    #expect(response.headers[.contentType] == "application/problem+json")
    #expect(response.headers[.retryAfter] == "3")
    #expect(
      text == """
        {"detail":"1 fault","errors":[{"pointer":"/model/hidden/0","value":-1}],"instance":"/jobs/1",\
        "status":422,"title":"Faults","type":"https://example.com/faults"}
        """)
  }

  @Test("RFC 9457 §4.2.1: without a type the title is the status phrase; what JSON can't hold is left out")
  func plainProblem() async throws {
    let (_, text) = try await respond(
      throwing: ProblemDocument(status: .conflict, extensions: ["number": Double.nan]))
    #expect(text == #"{"status":409,"title":"Conflict","type":"about:blank"}"#)
  }
}
