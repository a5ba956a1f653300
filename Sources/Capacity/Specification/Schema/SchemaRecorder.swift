/// Notes what a decoder asks its readers for: names, ranges, choices and defaults. A schema made of that can't differ from
/// what is decoded.
final class SchemaRecorder {
  /// A member that was asked for, as JSON Schema describes its value.
  struct Property: Equatable {
    let name: String
    /// Nil for a nested object, which is described by its own members.
    var schema: [String: JSONValue]?
  }

  /// The members of each object by its pointer, in the order in which they were asked for.
  private(set) var objects: [String: [Property]] = [:]
  /// The names that a member may have on which the rest of its object depends, by the object's pointer.
  private(set) var kinds: [String: (member: String, names: [String])] = [:]
  /// Members that the decoder can't do without.
  private(set) var required: Set<String> = []
  /// What the decoder asked for before it went one way or another.
  private(set) var asked: [String] = []
  /// Members of which is said that they stand there.
  private let present: Set<String>

  init(present: Set<String> = []) { self.present = present }

  func note(_ object: String, _ name: String, _ schema: [String: JSONValue]?) {
    let properties = objects[object] ?? []
    guard let index = properties.firstIndex(where: { $0.name == name }) else {
      objects[object] = properties + [Property(name: name, schema: schema)]
      return
    }
    // A member may be looked at before it is read.
    if properties[index].schema == [:] { objects[object]?[index].schema = schema }
  }

  func noteObject(_ pointer: String) { if objects[pointer] == nil { objects[pointer] = [] } }

  func describe(_ object: String, _ name: String, _ text: String) {
    guard let index = objects[object]?.firstIndex(where: { $0.name == name }) else { return }
    objects[object]?[index].schema?["description"] = .string(text)
  }

  func noteKind(_ object: String, _ member: String, _ names: [String]) {
    if kinds[object] == nil { kinds[object] = (member, names) }
  }

  func noteRequired(_ pointer: String) { if !present.contains(pointer) { required.insert(pointer) } }

  /// Whether a member is to be taken for one that stands there. Both ways are to be gone.
  func isPresent(_ pointer: String) -> Bool {
    if !asked.contains(pointer) { asked.append(pointer) }
    return present.contains(pointer)
  }

  /// Adds what another reading of the same document found.
  func merge(_ other: SchemaRecorder) {
    for (object, properties) in other.objects {
      noteObject(object)
      for property in properties {
        guard let index = objects[object]?.firstIndex(where: { $0.name == property.name }) else {
          objects[object]?.append(property)
          continue
        }
        guard let own = objects[object]?[index].schema, let schema = property.schema else {
          if property.schema == nil { objects[object]?[index].schema = nil }
          continue
        }
        objects[object]?[index].schema = Self.either(own, schema)
      }
    }
    for (object, kind) in other.kinds where kinds[object] == nil { kinds[object] = kind }
    required.formUnion(other.required)
  }

  /// What satisfies one of two schemas; the first where they are of one type and differ in what depends on other members.
  private static func either(_ a: [String: JSONValue], _ b: [String: JSONValue]) -> [String: JSONValue] {
    guard !b.isEmpty else { return a }
    guard !a.isEmpty else { return b }
    var alternatives = a["anyOf"]?.arrayValue ?? [.object(a)]
    guard !alternatives.contains(where: { $0["type"] == b["type"] }) else { return a }
    alternatives.append(.object(b))
    return ["anyOf": .array(alternatives)]
  }
}
