import Capacity
import Foundation
import HTTPServer
import Persistence
import Service
import Testing

/// Lists narrowed down and sorted, in pages that hold together.
@Suite struct JobFilterTests {
  private func names(_ service: TestService, _ query: String) async throws -> [String] {
    let (response, list) = try await service.send(.get, "/v1/jobs?\(query)")
    try #require(response.status == .ok, "\(list)")
    return (list["items"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
  }

  private func submitSome(_ service: TestService) async throws {
    let documents = [
      #"{"name": "Alpha", "dataset": {"name": "gaussian", "dimensions": 3}, "model": {"kind": "linear"}, "training": {"optimizer": {"kind": "sgd"}}, "job": {"labels": {"project": "x", "k": "1"}, "priority": 2}}"#,
      #"{"name": "beta 50%", "dataset": {"name": "mnist"}, "model": {"kind": "mlp"}, "training": {"optimizer": {"kind": "sgd"}}, "job": {"labels": {"project": "x"}}}"#,
      #"{"name": "gamma", "dataset": {"name": "gaussian", "dimensions": 4}, "model": {"kind": "mlp"}, "training": {"optimizer": {"kind": "adam"}}, "job": {"labels": {"project": "y=z"}, "priority": -1}}"#,
    ]
    let answer = try await service.send(.post, "/v1/jobs", "[\(documents.joined(separator: ","))]")
    try #require(answer.0.status == .accepted, "\(answer.1)")
  }

  @Test func everyFilterFindsItsJobs() async throws {
    try await withService { service in
      try await submitSome(service)
      let expected: [(String, [String])] = [
        ("", ["gamma", "beta 50%", "Alpha"]), ("dataset=gaussian", ["gamma", "Alpha"]),
        ("model=mlp", ["gamma", "beta 50%"]),
        ("optimizer=adam", ["gamma"]), ("optimizer=sgd&model=mlp", ["beta 50%"]),
        ("label=project%3Dx", ["beta 50%", "Alpha"]), ("label=project=y%3Dz", ["gamma"]),
        ("label=k", ["Alpha"]),
        ("label=project=x&label=k", ["Alpha"]), ("label=project=x&label=k=2", []), ("label=nothing", []),
        ("name_contains=A", ["gamma", "beta 50%", "Alpha"]), ("name_contains=BETA", ["beta 50%"]),
        ("name_contains=%25", ["beta 50%"]), ("name_contains=_", []),
        ("state=queued,running", ["gamma", "beta 50%", "Alpha"]), ("state=cancelled,failed", []),
        ("created_after=2020-01-01", ["gamma", "beta 50%", "Alpha"]),
        ("created_before=2020-01-01T00:00:00Z", []),
        ("created_after=1600-01-01", ["gamma", "beta 50%", "Alpha"]),
        ("created_before=9999-12-31T23:59:59Z", ["gamma", "beta 50%", "Alpha"]),
        ("created_after=2024-02-29T23:59:59.999-23:59", ["gamma", "beta 50%", "Alpha"]),
        ("created_after=2099-01-01T00:00:00.5%2B01:00", []), ("finished_after=2020-01-01", []),
        ("sort=name", ["Alpha", "beta 50%", "gamma"]), ("sort=-name", ["gamma", "beta 50%", "Alpha"]),
        ("sort=-priority", ["Alpha", "beta 50%", "gamma"]), ("sort=created", ["Alpha", "beta 50%", "gamma"]),
        ("sort=finished", []), ("sort=emc", []),
      ]
      for (query, names) in expected { #expect(try await self.names(service, query) == names, "\(query)") }
      let ids =
        try await service.send(.get, "/v1/jobs").1["items"]?.arrayValue?.compactMap { $0["id"]?.stringValue }
        ?? []
      #expect(try await names(service, "id=\(ids[0]),\(ids[2])") == ["gamma", "Alpha"])
    }
  }

  @Test(arguments: [
    "created_after=0000-01-01", "created_after=9999-12-31T23:59:59-00:01", "finished_after=2026-02-30",
    "created_before=2026-01-01T24:00:00Z", "created_before=2026-01-01T00:00:60Z", "created_after=10000-01-01",
    "state=queued,", "label==x", "label=a%20b", "name_contains=", "created_after=yesterday", "sort=colour",
    "sort=--name",
    "id=1", "cursor=5.%25", "sort=priority&cursor=5.eA", "sort=emc&cursor=5", "sort=finished&cursor=9.eHh4",
    "dataset=a&dataset=b", "wait=-1",
  ])
  func whatCannotBeAskedIsRefused(_ query: String) async throws {
    try await withService { service in
      let (response, problem) = try await service.send(.get, "/v1/jobs?\(query)")
      #expect(response.status == .badRequest, "\(problem)")
      #expect(problem["errors"]?.arrayValue?.first?["parameter"]?.stringValue != nil)
    }
  }

  /// Pages of two, while jobs come and go between them: those that were there all the time are seen once each, in order.
  @Test(arguments: [
    "-created", "created", "name", "-name", "priority", "-priority", "created&created_after=2020-01-01",
  ])
  func pagesNeitherSkipNorRepeat(_ sort: String) async throws {
    try await withService { service in
      func add(_ number: Int) async throws {
        try await JobChangeTests.submit(
          service, number, #", "name": "n\#(number % 5)", "job": {"priority": \#(number % 3)}"#)
      }
      for number in 0..<11 { try await add(number) }
      let all = try await service.send(.get, "/v1/jobs?limit=200&sort=\(sort)").1["items"]?.arrayValue ?? []
      let before = all.compactMap { $0["id"]?.stringValue }
      try #require(before.count == 11)
      var seen: [String] = []
      var gone: Set<String> = []
      var target: String? = "/v1/jobs?limit=2&sort=\(sort)"
      var number = 100
      while let page = target {
        let (response, list) = try await service.send(.get, page)
        try #require(response.status == .ok, "\(list)")
        let ids = (list["items"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
        seen += ids
        // The last of the page goes: the cursor stands for a place, not for a job. Another comes.
        if let last = ids.last, gone.count < 3 {
          gone.insert(last)
          _ = try await service.send(.post, "/v1/jobs/\(last)/cancel")
          _ = try await service.send(.delete, "/v1/jobs/\(last)")
          try await add(number)
          number += 1
        }
        target = response.headers[.link].flatMap { try? /<(.*)>; rel="next"/.wholeMatch(in: $0)?.output.1 }
          .map(String.init)
      }
      #expect(Set(seen).count == seen.count)
      let there = before.filter { !gone.contains($0) }
      #expect(seen.filter { there.contains($0) } == there)
    }
  }
}
