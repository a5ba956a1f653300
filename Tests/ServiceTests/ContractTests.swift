import Capacity
import Datasets
import Foundation
import HTTPServer
import Logging
import Resources
import Service
import Testing
import Yams

/// `openapi.yaml` describes just the routes that are there.
@Suite struct ContractTests {
  @Test func documentAndRoutesAgree() async throws {
    let document = try #require(try Yams.load(yaml: EmbeddedFile.openapi.text) as? [String: Any])
    let paths = try #require(document["paths"] as? [String: [String: Any]])
    let verbs: Set = ["get", "put", "post", "delete", "patch"]
    var documented: Set<String> = []
    for (path, item) in paths {
      for verb in item.keys where verbs.contains(verb) { documented.insert("\(verb.uppercased()) \(path)") }
    }
    let routes = try await withService { service in
      Set(service.router.routes.map { "\($0.method.rawValue) \($0.template)" })
    }
    #expect(routes == documented)
    #expect(!routes.isEmpty)
  }

  @Test func theDocumentIsServed() async throws {
    try await withService { service in
      let response = await service.router.respond(to: try HTTPRequest(method: .get, target: "/openapi.yaml"))
      #expect(response.status == .ok)
      #expect(response.headers[.contentType] == "application/yaml")
    }
  }

  /// What the document shows as examples of a specification is admitted as it stands.
  @Test func theExamplesOfSpecificationsAreAccepted() async throws {
    let document = try #require(try Yams.load(yaml: EmbeddedFile.openapi.text) as? [String: Any])
    let components = try #require(document["components"] as? [String: Any])
    let schemas = try #require(components["schemas"] as? [String: [String: Any]])
    let examples = try #require(schemas["Specification"]?["examples"] as? [Any])
    #expect(examples.count >= 2)
    let bodies = try examples.map {
      String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self)
    }
    try await withService { service in
      for body in bodies {
        let (response, job) = try await service.send(.post, "/v1/jobs", body)
        #expect(response.status == .accepted, "\(job.text())")
      }
    }
  }

  /// The document's data sets are the catalogue's, with the options that the decoder reads and their bounds.
  @Test func theDataSetsOfTheDocumentAreThoseOfTheCatalogue() throws {
    let document = try #require(try Yams.load(yaml: EmbeddedFile.openapi.text) as? [String: Any])
    let components = try #require(document["components"] as? [String: Any])
    let schemas = try #require(components["schemas"] as? [String: [String: Any]])
    func json(_ value: Any?) throws -> JSONValue {
      try JSONValue(parsing: JSONSerialization.data(withJSONObject: try #require(value)))
    }
    let taken = try json((schemas["DatasetName"]?["not"] as? [String: Any])?["enum"])
    #expect(Set(taken.arrayValue?.compactMap(\.stringValue) ?? []) == Catalogue.names)

    var documented: Set<String> = []
    for variant in try json(schemas["Dataset"]?["oneOf"]).arrayValue ?? [] {
      guard case .object(var options)? = variant["properties"], let name = options.removeValue(forKey: "name")
      else { continue }
      let names = name["enum"]?.arrayValue ?? [name["const"]].compactMap { $0 }
      for name in names.compactMap(\.stringValue) {
        documented.insert(name)
        let schema = try #require(SpecificationCatalogue.dataset(name), "\(name)")
        guard case .object(var read)? = schema["properties"] else { continue }
        read["name"] = nil
        #expect(Set(read.keys) == Set(options.keys), "\(name)")
        let required = { (schema: JSONValue) in
          Set(schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? []).union(["name"])
        }
        #expect(required(schema) == required(variant), "\(name)")
        for (option, bounds) in options {
          var keys = ["enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "default"]
          // Sizes that lie apart are a range to the decoder, which refuses the others by name.
          if bounds["enum"]?.arrayValue?.first?.integerValue != nil { keys = ["default"] }
          for key in keys {
            let (own, other) = (bounds[key], read[option]?[key])
            let isSame = own == other || (own?.doubleValue != nil && own?.doubleValue == other?.doubleValue)
            #expect(isSame, "\(name) \(option) \(key)")
          }
        }
      }
    }
    #expect(documented == Set(Catalogue.entries.filter { $0.kind != .files }.map(\.name)))
  }
}
