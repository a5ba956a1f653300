import Capacity
import Datasets
import Foundation
import HTTPServer
import Persistence
import Service
import Testing

/// Lists: what is stored goes out as it is, and nothing of a query reaches a header unchecked.
@Suite struct ListTests {
  @Test func partsMakeTheTextOfTheWhole() throws {
    let stored = #"{ "b" : [1.50, "\u00e9"] }"#
    let text = JSONText.object([
      "z": .stored(stored), "a": .value(.string("\"")), "n": .stored(nil),
      "l": .array([.stored("1"), .value(.null), .object([:])]),
      "e": .extended(.stored("{}\n"), "x", .stored("2")),
      "f": .extended(.stored(stored), "x", .value(.bool(true))),
    ])
    let bytes = text.bytes
    #expect(
      try JSONValue(parsing: bytes)
        == .object([
          "z": try JSONValue(parsing: stored.utf8), "a": .string("\""), "n": .null,
          "l": .array([.integer(1), .null, .object([:])]), "e": .object(["x": .integer(2)]),
          "f": .object(["b": .array([.number(1.5), .string("é")]), "x": .bool(true)]),
        ]))
    // Unread: spaces and digits are those that were stored.
    #expect(String(decoding: bytes, as: UTF8.self).contains(stored))
  }

  /// A document that takes no time to pass on and for ever to read: were it parsed for the list, the list would say so.
  @Test func whatIsListedIsNotRead() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: engineRevision)
      let odd = #"{ "a" :   1.000, "a": 2 }"#
      let job = try await jobs.submit(JobSubmission(specification: odd))
      _ = try await jobs.advance(id: job.id) { _ in .succeed(result: odd, progress: odd) }
      let router = Router.api(
        database: database, datasets: DatasetLibrary(directory: FileManager.default.temporaryDirectory),
        logger: quiet)
      for target in ["/v1/jobs", "/v1/jobs/\(job.id)"] {
        let response = await router.respond(to: try HTTPRequest(method: .get, target: target))
        guard case .bytes(let bytes) = response.body else { continue }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(response.status == .ok)
        #expect(text.components(separatedBy: odd.dropLast(2)).count == 4, "\(text)")
      }
    }
  }

  @Test func linksHoldWhatWasAskedForEncoded() async throws {
    try await withService { service in
      for seed in 1...3 {
        let body =
          #"{"dataset": {"name": "gaussian", "dimensions": 3}, "model": {"kind": "linear"}, "seed": \#(seed)}"#
        _ = try await service.send(.post, "/v1/jobs", body)
      }
      var target = "/v1/jobs?state=queued&limit=1"
      var seen = 0
      while true {
        let (response, page) = try await service.send(.get, target)
        #expect(response.status == .ok)
        seen += page["items"]?.arrayValue?.count ?? 0
        guard let link = response.headers[.link] else { break }
        let next = try #require(link.wholeMatch(of: /<(.*)>; rel="next"/)).1
        #expect(next.hasPrefix("/v1/jobs?state=queued&limit=1&cursor="))
        target = String(next)
      }
      // Jobs that are waiting for a worker, as none is here.
      #expect(seen == 3)
      let catalogue = try await service.send(.get, "/v1/datasets?limit=1").0
      #expect(catalogue.headers[.link]?.contains("cursor=adult~") == true)
      let odd = try await service.send(.get, "/v1/datasets?limit=1&cursor=a%3E%22%0A").0
      #expect(odd.status == .badRequest)
    }
  }

  /// A place in one list says nothing of another list, order or choice.
  @Test func cursorsBelongToTheirList() async throws {
    try await withService { service in
      for seed in 1...3 { try await JobChangeTests.submit(service, seed) }
      let next = try #require(try await service.send(.get, "/v1/jobs?limit=1").1["next"]?.stringValue)
      #expect(try await service.send(.get, "/v1/jobs?limit=2&cursor=\(next)").0.status == .ok)
      #expect(try await service.send(.get, "/v1/jobs?wait=0&cursor=\(next)").0.status == .ok)
      for target in [
        "/v1/jobs?sort=name&cursor=\(next)", "/v1/jobs?model=linear&cursor=\(next)",
        "/v1/results?cursor=\(next)",
        "/v1/jobs?cursor=50", "/v1/studies?cursor=\(next)",
      ] {
        let (response, problem) = try await service.send(.get, target)
        #expect(response.status == .badRequest, "\(target)")
        #expect(problem["errors"]?.arrayValue?.first?["parameter"] == .string("cursor"))
      }
    }
  }
}
