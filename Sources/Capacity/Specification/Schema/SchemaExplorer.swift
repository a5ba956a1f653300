/// The JSON Schema (2020-12) of what a decoder reads, found by having it read: once for each kind that an object may be
/// of, and once for each member that it looks for before it reads on.
struct SchemaExplorer: Sendable {
  let decode: @Sendable (ObjectReader) -> Void

  /// The schema of the object at a pointer.
  ///
  /// - Parameter document: what stands in the document already, such as the kind of the object.
  func schema(at pointer: String = "", in document: JSONValue = .object([:])) -> JSONValue {
    let recorder = record(document)
    let properties = recorder.objects[pointer] ?? []
    if let kind = recorder.kinds[pointer], document.value(at: pointer)?[kind.member] == nil {
      let variants = kind.names.map { name in
        schema(
          at: pointer, in: document.setting("\(pointer)/\(kind.member.escaped)", to: .string(name)))
      }
      let fallback = properties.first { $0.name == kind.member }?.schema?["default"]
      var members: [String: JSONValue] = ["oneOf": .array(variants)]
      if let fallback { members["default"] = .object([kind.member: fallback]) }
      return .object(members)
    }
    var described: [String: JSONValue] = [:]
    var required: [JSONValue] = []
    for property in properties {
      let place = "\(pointer)/\(property.name.escaped)"
      if var schema = property.schema {
        if recorder.kinds[pointer]?.member == property.name,
          let name = document.value(at: pointer)?[property.name]
        {
          schema["enum"] = nil
          schema["const"] = name
          // Without the member the object is of another kind.
          if schema["default"] != name { required.append(.string(property.name)) }
          if schema["default"] != name { schema["default"] = nil }
        }
        described[property.name] = .object(schema)
        if schema["type"] == .string("array"), recorder.objects[place + "/*"] != nil {
          schema["items"] = self.schema(at: place + "/*", in: document)
          described[property.name] = .object(schema)
        }
      } else {
        described[property.name] = schema(at: place, in: document)
      }
      if recorder.required.contains(place), !required.contains(.string(property.name)) {
        required.append(.string(property.name))
      }
    }
    var members: [String: JSONValue] = [
      "type": .string("object"), "properties": .object(described), "additionalProperties": .bool(false),
    ]
    if !required.isEmpty {
      members["required"] = .array(required.compactMap(\.stringValue).sorted().map(JSONValue.string))
    }
    return .object(members)
  }

  /// What is read of a document, whichever of the members that the decoder looks for stand there.
  private func record(_ document: JSONValue) -> SchemaRecorder {
    let whole = read(document, present: [])
    var open = whole.asked.map { Set([$0]) }
    var seen = Set(whole.asked)
    while !open.isEmpty {
      let present = open.removeFirst()
      let found = read(document, present: present)
      whole.merge(found)
      for pointer in found.asked where seen.insert(pointer).inserted { open.append(present.union([pointer])) }
    }
    return whole
  }

  private func read(_ document: JSONValue, present: Set<String>) -> SchemaRecorder {
    let recorder = SchemaRecorder(present: present)
    decode(ObjectReader(document, at: "", faults: FaultCollector(recorder: recorder)))
    return recorder
  }
}

extension JSONValue {
  /// The value at a pointer of members (RFC 6901).
  fileprivate func value(at pointer: String) -> JSONValue? {
    pointer.split(separator: "/").reduce(self) { $0?[String($1).unescaped] }
  }

  /// This object with a value at a pointer, whose objects are made where they aren't there.
  func setting(_ pointer: String, to value: JSONValue) -> JSONValue {
    setting(pointer.split(separator: "/").map { String($0).unescaped }[...], to: value)
  }

  private func setting(_ path: ArraySlice<String>, to value: JSONValue) -> JSONValue {
    guard let name = path.first else { return value }
    var members: [String: JSONValue] = if case .object(let members) = self { members } else { [:] }
    members[name] = (members[name] ?? .object([:])).setting(path.dropFirst(), to: value)
    return .object(members)
  }
}

extension String {
  /// As a pointer names it (RFC 6901 §3).
  var escaped: String {
    // Hardly a name needs it, and all are asked.
    guard utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return self }
    return replacing("~", with: "~0").replacing("/", with: "~1")
  }
  fileprivate var unescaped: String { replacing("~1", with: "/").replacing("~0", with: "~") }
}
