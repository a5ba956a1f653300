import Capacity
import Foundation
import HTTPServer
import Persistence
import Service
import Testing

/// Many jobs at once: all or none.
@Suite struct BatchTests {
  private func type(_ text: String) throws -> HTTPHeaders {
    var headers = HTTPHeaders()
    try headers.set(.contentType, text: text)
    return headers
  }

  @Test func anArrayOrLinesMakeAsManyJobsInTheirOrder() async throws {
    try await withService { service in
      let documents = (1...3).map { JobChangeTests.document($0).replacing("\n", with: " ") }
      let array = try await service.send(.post, "/v1/jobs", "[\(documents.joined(separator: ","))]")
      let lines = try await service.send(
        .post, "/v1/jobs", documents.joined(separator: "\r\n") + "\n\n", headers: type("application/x-ndjson")
      )
      for (response, answer) in [array, lines] {
        #expect(response.status == .accepted && response.headers[.location] == nil)
        let items = try #require(answer["items"]?.arrayValue)
        #expect(items.map { $0["specification"]?["seed"] } == [.integer(1), .integer(2), .integer(3)])
        #expect(items.allSatisfy { $0["state"] == .string("queued") })
      }
      let listed = try await service.send(.get, "/v1/jobs?limit=200").1["items"]?.arrayValue
      #expect(listed?.count == 6)
      // One in an array is a list too.
      let one = try await service.send(.post, "/v1/jobs", "[\(documents[0])]")
      #expect(one.1["items"]?.arrayValue?.count == 1)
    }
  }

  @Test func oneFaultStoresNone() async throws {
    try await withService { service in
      let good = JobChangeTests.document(1)
      let (response, problem) = try await service.send(
        .post, "/v1/jobs",
        "[\(good), {\"dataset\": {\"name\": \"nothing\"}, \"model\": {\"kind\": \"linear\"}}, 3]")
      #expect(response.status == .unprocessableContent)
      let pointers = (problem["errors"]?.arrayValue ?? []).compactMap { $0["pointer"]?.stringValue }
      #expect(pointers.contains("/2") && pointers.contains { $0.hasPrefix("/1/dataset") })
      #expect(!pointers.contains { $0.hasPrefix("/0") })
      let lines = try await service.send(
        .post, "/v1/jobs", good.replacing("\n", with: " ") + "\n{\n", headers: type("application/x-ndjson"))
      #expect(lines.0.status == .badRequest)
      #expect(lines.1["detail"]?.stringValue?.contains("line 2, column 2") == true, "\(lines.1)")
      // Members that this route takes besides the specification's are named too.
      let unknown = try await service.send(
        .post, "/v1/jobs", #"{"dataset": {"name": "mnist"}, "model": {"kind": "linear"}, "colour": 1}"#
      ).1["errors"]?.arrayValue?.first
      #expect(unknown?["allowed"]?.stringValue?.contains("webhooks") == true)
      #expect(try await service.send(.post, "/v1/jobs", "[]").0.status == .unprocessableContent)
      #expect(try await service.send(.get, "/v1/jobs").1["items"] == .array([]))
    }
  }

  @Test func labelsAndPrioritiesAreHeldToTheirRanges() async throws {
    try await withService { service in
      let (response, problem) = try await service.send(
        .post, "/v1/jobs",
        JobChangeTests.document(
          1, #", "job": {"labels": {"a b": "x", "ok": 3, "fine": "y"}, "priority": 1e9, "colour": 1}"#))
      #expect(response.status == .unprocessableContent)
      #expect(
        Set((problem["errors"]?.arrayValue ?? []).compactMap { $0["pointer"]?.stringValue })
          == ["/job/labels/a b", "/job/labels/ok", "/job/priority", "/job/colour"])
    }
  }

  /// Told the request and the span it came with, so that a job is found from either.
  @Test func aJobKeepsItsRequest() async throws {
    try await withService { service in
      var headers = HTTPHeaders()
      try headers.set(.requestID, text: "req-1")
      try headers.set(.traceParent, text: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
      let (response, job) = try await service.send(
        .post, "/v1/jobs", JobChangeTests.document(1), headers: headers)
      #expect(response.headers[.requestID] == "req-1")
      #expect(job["request_id"] == .string("req-1"))
      #expect(job["traceparent"] == .string("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
    }
  }
}
