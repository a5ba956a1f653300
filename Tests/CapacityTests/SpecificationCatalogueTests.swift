import Capacity
import Foundation
import Testing

/// The schemas against what the decoder does, and against the table of ranges that its own tests are held to.
@Suite struct SpecificationCatalogueTests {
  /// Every range of the table stands in the schema, with the same bounds.
  @Test(arguments: OptionRangeTests.documents) func rangesAreThoseOfTheTable(
    _ document: OptionRangeTests.Document
  ) throws {
    let admitted = try MeasurementSpecification(json: JSONValue(parsing: document.text.utf8)).json
    var compared = 0
    // What the data set bounds has no bounds of its own.
    // Layers lie in each other: a schema says which kinds there are, and their options are the decoder's.
    let bounded = [
      "/model/layers/", "/search/initial_samples", "/test/samples", "/classes", "/inputs", "/dataset/name",
      "/name",
    ]
    for (pointer, range) in document.ranges where !bounded.contains(where: pointer.hasPrefix) {
      let schemas = Self.schemas(at: pointer, of: SpecificationCatalogue.specification, for: admitted)
      #expect(!schemas.isEmpty, "\(pointer)")
      // Which optimizers need all samples is another member's matter.
      if range.allowed == "\"full\"" { continue }
      for wrong in range.refused {
        #expect(!schemas.contains { Self.isValid(wrong, $0) }, "\(pointer) \(wrong.text())")
      }
      compared += 1
    }
    #expect(compared > 10)
    #expect(Self.isValid(admitted, SpecificationCatalogue.specification))
  }

  /// A default that follows from the network is told in words where others have their number.
  @Test func theUsualRateIsTold() throws {
    let text = SpecificationCatalogue.specification.text()
    #expect(text.contains("0.09 / √fan_in"))
  }

  /// A document of defaults, put together from the schemas alone, is admitted and changes nothing.
  @Test func defaultsAreThoseOfTheDecoder() throws {
    for model in SpecificationCatalogue.models {
      var members = Self.defaults(of: model.schema)
      members["kind"] = .string(model.kind)
      if members["layers"] == nil, model.kind == "sequential" { continue }
      let plain = try Self.specification(model: .object(["kind": .string(model.kind)]))
      #expect(try Self.specification(model: .object(members)) == plain, "\(model.kind)")
    }
    for optimizer in SpecificationCatalogue.optimizers {
      var members = Self.defaults(of: optimizer.schema)
      members["kind"] = .string(optimizer.kind)
      let plain = try Self.specification(optimizer: .object(["kind": .string(optimizer.kind)]))
      #expect(try Self.specification(optimizer: .object(members)) == plain, "\(optimizer.kind)")
    }
    for search in SpecificationCatalogue.searches where search.kind != "grid" {
      var members = Self.defaults(of: search.schema)
      members["strategy"] = .string(search.kind)
      let plain = try Self.specification(search: .object(["strategy": .string(search.kind)]))
      #expect(try Self.specification(search: .object(members)) == plain, "\(search.kind)")
    }
  }

  /// Nothing is read that a schema doesn't describe.
  @Test func everyMemberIsDescribed() {
    var count = 0
    func check(_ schema: JSONValue, _ place: String) {
      for alternative in schema["oneOf"]?.arrayValue ?? [] { check(alternative, place) }
      guard case .object(let properties)? = schema["properties"] else { return }
      for (name, property) in properties {
        count += 1
        #expect(property != .object([:]), "\(place)/\(name)")
        check(property, "\(place)/\(name)")
        if let items = property["items"] {
          #expect(items != .object([:]), "\(place)/\(name)")
          check(items, "\(place)/\(name)/*")
        }
      }
    }
    check(SpecificationCatalogue.specification, "")
    #expect(count > 50)
    let kinds = SpecificationCatalogue.models.map(\.kind)
    #expect(Set(["linear", "mlp", "cnn", "resnet", "vit", "efficientnet"]).isSubset(of: kinds))
    #expect(SpecificationCatalogue.optimizers.map(\.kind).contains("muon"))
    for item in SpecificationCatalogue.models + SpecificationCatalogue.searches {
      #expect(!item.description.isEmpty)
    }
  }

  /// Where a document has a member that isn't known, the decoder lists those that are: the schema's.
  @Test func membersAreThoseThatTheDecoderKnows() throws {
    let text =
      #"{"zzz": 1, "dataset": {"name": "mnist"}, "model": {"kind": "mlp", "zzz": 1}, "search": {"zzz": 1}, "training": {"zzz": 1}}"#
    let error = #expect(throws: SpecificationError.self) {
      _ = try MeasurementSpecification(json: JSONValue(parsing: text.utf8))
    }
    let schema = SpecificationCatalogue.specification
    for fault in try #require(error).faults {
      let parent = String(fault.pointer.dropLast("/zzz".count))
      let known = Set(fault.allowed.dropFirst("the members ".count).components(separatedBy: ", "))
      let document = try JSONValue(parsing: text.utf8)
      let described = Self.schemas(at: parent, of: schema, for: document).flatMap { schema -> [String] in
        guard case .object(let properties)? = schema["properties"] else { return [] }
        return Array(properties.keys)
      }
      #expect(known.subtracting(described).isEmpty, "\(parent)")
      #expect(known.count > 3)
    }
  }

  private static func specification(
    model: JSONValue = .object(["kind": .string("linear")]), optimizer: JSONValue = .object([:]),
    search: JSONValue = .object([:])
  ) throws -> MeasurementSpecification {
    try MeasurementSpecification(
      json: .object([
        "dataset": .object(["name": .string("mnist")]), "model": model,
        "training": .object(["optimizer": optimizer]), "search": search,
      ]))
  }

  /// What a schema says that holds where nothing is given.
  private static func defaults(of schema: JSONValue) -> [String: JSONValue] {
    guard case .object(let properties)? = schema["properties"] else { return [:] }
    return properties.compactMapValues { property in
      if let value = property["default"], property["oneOf"] == nil { return value }
      guard property["properties"] != nil else { return nil }
      let inner = defaults(of: property)
      return inner.isEmpty ? nil : JSONValue.object(inner)
    }
  }

  /// The schemas that a place of a document is held to: those of the variants that its kinds choose.
  private static func schemas(at pointer: String, of schema: JSONValue, for document: JSONValue)
    -> [JSONValue]
  {
    var found: [(JSONValue, JSONValue?)] = [(schema, document)]
    for name in pointer.split(separator: "/").map(String.init) {
      found = found.flatMap { schema, value -> [(JSONValue, JSONValue?)] in
        variants(schema, value).flatMap { variant -> [(JSONValue, JSONValue?)] in
          if let index = Int(name) {
            let arrays = [variant] + (variant["anyOf"]?.arrayValue ?? [])
            return arrays.compactMap { array in
              array["items"].map {
                ($0, (value?.arrayValue).flatMap { $0.indices.contains(index) ? $0[index] : nil })
              }
            }
          }
          return variant["properties"]?[name].map { [($0, value?[name])] } ?? []
        }
      }
    }
    return found.flatMap { variants($0.0, $0.1) }
  }

  private static func variants(_ schema: JSONValue, _ value: JSONValue?) -> [JSONValue] {
    guard let all = schema["oneOf"]?.arrayValue else { return [schema] }
    let chosen = all.filter { variant in
      guard case .object(let properties)? = variant["properties"] else { return false }
      return properties.contains { name, property in property["const"].map { $0 == value?[name] } ?? false }
    }
    return chosen.isEmpty ? all : chosen
  }

  /// A validator of the keywords that the schemas use (JSON Schema 2020-12).
  static func isValid(_ value: JSONValue, _ schema: JSONValue) -> Bool {
    if let all = schema["oneOf"]?.arrayValue, all.count(where: { isValid(value, $0) }) != 1 { return false }
    if let all = schema["anyOf"]?.arrayValue, !all.contains(where: { isValid(value, $0) }) { return false }
    if let excluded = schema["not"], isValid(value, excluded) { return false }
    if let constant = schema["const"], constant != value { return false }
    if let names = schema["enum"]?.arrayValue, !names.contains(value) { return false }
    let types = schema["type"].map { $0.arrayValue ?? [$0] }
    if let types, !types.contains(where: { isOf($0.stringValue ?? "", value) }) { return false }
    if let number = value.doubleValue {
      if let bound = schema["minimum"]?.doubleValue, number < bound { return false }
      if let bound = schema["maximum"]?.doubleValue, number > bound { return false }
      if let bound = schema["exclusiveMinimum"]?.doubleValue, number <= bound { return false }
      if let bound = schema["exclusiveMaximum"]?.doubleValue, number >= bound { return false }
    }
    if let elements = value.arrayValue {
      if let count = schema["minItems"]?.integerValue, elements.count < count { return false }
      if let count = schema["maxItems"]?.integerValue, elements.count > count { return false }
      if let items = schema["items"], !elements.allSatisfy({ isValid($0, items) }) { return false }
    }
    if case .object(let members) = value {
      for case .string(let name) in schema["required"]?.arrayValue ?? [] where members[name] == nil {
        return false
      }
      for (name, member) in members {
        if let property = schema["properties"]?[name] {
          if !isValid(member, property) { return false }
        } else if schema["additionalProperties"] == .bool(false) {
          return false
        }
      }
    }
    return true
  }

  private static func isOf(_ type: String, _ value: JSONValue) -> Bool {
    switch type {
    case "null": value == .null
    case "boolean": if case .bool = value { true } else { false }
    case "integer": value.integerValue != nil
    case "number": value.doubleValue != nil
    case "string": value.stringValue != nil
    case "array": value.arrayValue != nil
    case "object": if case .object = value { true } else { false }
    default: false
    }
  }
}
