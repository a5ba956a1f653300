import Capacity
import Foundation
import HTTPServer
import Testing

/// The catalogue of what specifications may say, and what the service says of itself.
@Suite struct CatalogueTests {
  @Test(arguments: ["models", "optimizers", "searches"]) func listsHaveKindsWithSchemas(
    _ list: String
  ) async throws {
    try await withService { service in
      let (response, json) = try await service.send(.get, "/v1/\(list)")
      #expect(response.status == .ok)
      let items = try #require(json["items"]?.arrayValue)
      #expect(items.count >= 4)
      for item in items {
        #expect(item["description"]?.stringValue?.isEmpty == false)
        #expect(item["schema"]?["type"] == .string("object"))
        let selector = list == "searches" ? "strategy" : "kind"
        #expect(item["schema"]?["properties"]?[selector]?["const"] == item["kind"])
      }
      let tag = try #require(response.headers[.etag])
      let again = try await service.send(
        .get, "/v1/\(list)", headers: ["If-None-Match": try HTTPHeaderValue(tag)]
      ).0
      #expect(again.status == .notModified)
      let (refused, problem) = try await service.send(.get, "/v1/\(list)?limit=3")
      #expect(refused.status == .badRequest)
      #expect(problem["type"] == .string("urn:emc:problem:parameter-not-allowed"))
    }
  }

  /// What an upload may say: each format's options with their defaults, and all of them taken as the schema has them.
  @Test func formatsHaveTheSchemasOfTheirOptions() async throws {
    try await withService { service in
      let items = try await service.send(.get, "/v1/formats").1["items"]?.arrayValue ?? []
      #expect(items.compactMap { $0["kind"]?.stringValue } == ["csv", "npy", "npz", "images"])
      var options: [String: [String: JSONValue]] = [:]
      for item in items {
        #expect(item["description"]?.stringValue?.isEmpty == false)
        guard case .object(let properties)? = item["schema"]?["properties"] else { continue }
        options[try #require(item["kind"]?.stringValue)] = properties
      }
      let csv = try #require(options["csv"])
      #expect(csv["class_column"]?["default"] == .integer(-1))
      #expect(
        csv["test_fraction"]?["minimum"]?.doubleValue == 0
          && csv["test_fraction"]?["exclusiveMaximum"]?.doubleValue == 1)
      #expect(
        csv["missing"]?["default"] == .string("mean") && csv["header_rows"]?["maximum"] == .integer(1000))
      #expect(csv["column_types"] == nil && csv["column_type"]?["type"] == .string("array"))
      #expect(csv["decimal_mark"]?["enum"] == .array([.string("."), .string(",")]))
      #expect(items.last?["schema"]?["required"] == .array([.string("height"), .string("width")]))
      #expect(csv.values.allSatisfy { $0["type"] != nil })

      // The document of the API names the same ones.
      let document = try String(contentsOf: Self.root.appending(path: "openapi.yaml"), encoding: .utf8)
      let route = try #require(document.components(separatedBy: "\n  /v1/datasets:\n").last)
      let upload = try #require(route.components(separatedBy: "      requestBody:").first)
      let named = upload.matches(of: #/name: ([a-z_]+)/#).map { String($0.1) }
      let known = Set(options.values.flatMap(\.keys))
      #expect(Set(named).subtracting(["name", "format", "dry_run"]) == known)

      // An option of no format, or of another one, is refused; each of the format's own is read.
      for name in known {
        let (response, problem) = try await service.send(
          .post, "/v1/datasets?name=a&format=csv&dry_run=true&\(name)=x", "1,a\n2,b\n")
        let details = problem["errors"]?.arrayValue?.compactMap { $0["detail"]?.stringValue } ?? []
        #expect(details.contains("is no option of csv") == (csv[name] == nil), "\(name): \(response.status)")
      }
    }
  }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  @Test func theWholeSchemaIsServed() async throws {
    try await withService { service in
      let (response, json) = try await service.send(.get, "/v1/schema")
      #expect(response.headers[.contentType] == "application/schema+json")
      #expect(json.text() == SpecificationCatalogue.specification.text())
      #expect(json["required"] == .array([.string("dataset"), .string("model")]))
      let dataset = try await service.send(.get, "/v1/datasets/gaussian").1
      let required = dataset["schema"]?["required"]?.arrayValue?.compactMap(\.stringValue)
      #expect(required?.sorted() == ["dimensions", "name"])
    }
  }

  /// 784 · 10 + 10, and the operations of one product forward and two backward.
  @Test func aNetworkIsDescribed() async throws {
    try await withService { service in
      let body = #"{"dataset": {"name": "mnist"}, "model": {"kind": "linear"}}"#
      let (response, json) = try await service.send(.post, "/v1/models/describe?samples=1000", body)
      #expect(response.status == .ok)
      #expect(json["parameter_count"] == .integer(7_850))
      #expect(json["memory"]?["samples"] == .integer(1_000))
      #expect(json["layers"]?.arrayValue?.isEmpty == false)
      let (refused, problem) = try await service.send(
        .post, "/v1/models/describe", #"{"dataset": {"name": "mnist"}, "model": {"kind": "mpl"}, "x": 1}"#)
      #expect(refused.status == .unprocessableContent)
      #expect(problem["errors"]?.arrayValue?.count == 2)
      let tooLarge = try await service.send(.post, "/v1/models/describe?samples=60001", body).0
      #expect(tooLarge.status == .badRequest)
    }
  }

  @Test func theServerTellsOfItselfAndOfItsWorkers() async throws {
    try await withService(workers: 2) { service in
      let workers = try await eventually("a process") {
        let items = try await service.send(.get, "/v1/workers").1["items"]?.arrayValue ?? []
        return items.isEmpty ? nil : items
      }
      #expect(workers.count == 1)
      #expect(workers[0]["workers"] == .integer(2))
      #expect(workers[0]["alive"] == .bool(true))
      #expect(workers[0]["probes"] == .array([]))
      let server = try await service.send(.get, "/v1/server").1
      #expect(server["version"] == .string(emcVersion))
      #expect(server["engine_revision"] == .integer(engineRevision))
      #expect(server["workers"] == .object(["processes": .integer(1), "threads": .integer(2)]))
      #expect(server["queue"]?["probes"]?["queued"] == .integer(0))
      #expect(server["queue"]?["head_age_seconds"] == .null)
      #expect(server["limits"]?["dataset_bytes"] == .integer(1 << 20))
    }
  }
}
