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

  /// Every request and every answer that succeeds has an example, of its own or of its schema, but for archives and
  /// pages; and the examples of requests are taken as they stand.
  @Test func everyRequestAndAnswerHasAnExample() async throws {
    let document = try ContractDocument()
    let without: Set = [
      "application/zip", "text/html", "application/yaml", "*/*", "application/problem+json",
    ]
    var requests: [(method: String, path: String, type: String, body: String)] = []
    for (path, item) in try #require(document.tree["paths"] as? [String: [String: Any]]) {
      for (method, operation) in item {
        guard let operation = operation as? [String: Any] else { continue }
        let answers = (operation["responses"] as? [String: Any] ?? [:]).map {
          ($0.key, document.resolved($0.value))
        }
        for (place, node) in answers + [("request", document.resolved(operation["requestBody"]))] {
          for (type, media) in node["content"] as? [String: [String: Any]] ?? [:]
          where !without.contains(type) {
            let schema = document.resolved(media["schema"])
            let example = media["example"] ?? (schema["examples"] as? [Any])?.first ?? schema["example"]
            #expect(example != nil || media["examples"] != nil, "\(method) \(path) \(place) \(type)")
            guard place == "request", let example, type != "multipart/form-data" else { continue }
            let body =
              if let text = example as? String { text } else {
                String(decoding: try JSONSerialization.data(withJSONObject: example), as: UTF8.self)
              }
            requests.append((method, path, type, body))
          }
        }
      }
    }
    #expect(requests.count >= 8)
    try await withService { [requests] service in
      let job = try await JobChangeTests.submit(service, 1)
      let study = try await service.send(.post, "/v1/studies", StudyTests.study("[2, 6]")).1["id"]?
        .stringValue
      for (method, path, type, body) in requests where path != "/v1/session" {
        let target = path.replacing("{id}", with: path.contains("studies") ? study ?? "" : job)
        let (response, answer) = try await service.send(
          HTTPMethod(rawValue: method.uppercased()), target, body,
          headers: [.contentType: HTTPHeaderValue(type)])
        #expect((200..<300).contains(response.status.code), "\(method) \(target) \(type): \(answer.text())")
      }
    }
  }

  /// Every default that the document states is what the decoder takes where nothing is said.
  @Test func theDefaultsOfTheDocumentAreTheDecoders() throws {
    let document = try ContractDocument()
    var stated: Set<String> = []
    var held: Set<String> = []
    func compare(_ schema: [String: Any], _ value: JSONValue?, at place: String) throws {
      if let fallback = schema["default"] {
        stated.insert(place)
        if let value {
          held.insert(place)
          let wrapped = try JSONSerialization.data(withJSONObject: ["default": fallback])
          let expected = try #require(try JSONValue(parsing: wrapped)["default"])
          #expect(
            expected == value || expected.doubleValue == value.doubleValue && value.doubleValue != nil,
            "\(place)")
        }
      }
      for (name, inner) in schema["properties"] as? [String: Any] ?? [:] {
        try compare(document.resolved(inner), value?[name], at: "\(place)/\(name)")
      }
    }
    for members in [
      "", #", "training": {"optimizer": {"kind": "sgd"}, "finish": {"kind": "second_order"}}"#,
      #", "search": {"strategy": "bisect"}"#, #", "search": {"strategy": "increment"}"#,
      #", "search": {"budget": {"kind": "settle", "max_steps": 40000}}"#,
    ] {
      let said = try JSONValue(
        parsing: #"{"dataset": {"name": "mnist"}, "model": {"kind": "linear"}\#(members)}"#.utf8)
      guard case .object(let whole) = try MeasurementSpecification(json: said).json else { continue }
      let schema = document.resolved(["$ref": "#/components/schemas/Specification"])
      for (name, inner) in schema["properties"] as? [String: Any] ?? [:]
      where !["dataset", "model", "job"].contains(name) {
        // What is said is no default.
        var open = [("/\(name)", document.resolved(inner), whole[name], said[name])]
        while let (place, schema, value, said) = open.popLast() {
          if case .object(let members)? = said, let properties = schema["properties"] as? [String: Any] {
            for (name, inner) in properties {
              open.append(("\(place)/\(name)", document.resolved(inner), value?[name], members[name]))
            }
          } else if said == nil {
            try compare(schema, value, at: place)
          }
        }
      }
    }
    #expect(stated.count > 30)
    #expect(stated.subtracting(held).isEmpty, "\(stated.subtracting(held).sorted())")
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

/// The description of the API as a tree.
private struct ContractDocument {
  let tree: [String: Any]

  init() throws { tree = try #require(try Yams.load(yaml: EmbeddedFile.openapi.text) as? [String: Any]) }

  /// A node with its reference followed; siblings of `$ref` go before what it names.
  func resolved(_ value: Any?) -> [String: Any] {
    guard var node = value as? [String: Any] else { return [:] }
    while let reference = node.removeValue(forKey: "$ref") as? String {
      let target = reference.dropFirst(2).split(separator: "/").reduce(tree as Any?) {
        ($0 as? [String: Any])?[String($1)]
      }
      node.merge(target as? [String: Any] ?? [:]) { own, _ in own }
    }
    return node
  }
}
