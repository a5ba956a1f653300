/// What a client says of a job beside what is measured: it determines nothing of the result. The member `job` of a document.
package struct JobOptions: Sendable, Hashable {
  /// The client's own, to find jobs by.
  package var labels: [String: String] = [:]
  /// Probes of a job with a larger one are trained first.
  package var priority = 0

  /// Nothing is said.
  package init() {}

  static let priorities = -1_000...1_000
  private static let labelLimit = 32

  init(reading reader: ObjectReader) {
    if reader.isRecording {
      _ = reader.value(
        "labels",
        [
          "type": .string("object"), "maxProperties": .integer(Self.labelLimit),
          "additionalProperties": .object(["type": .string("string"), "maxLength": .integer(255)]),
        ])
    } else if reader.has("labels") {
      let labels = reader.object("labels")
      if labels.names.count > Self.labelLimit {
        labels.faultInObject(allowed: "at most \(Self.labelLimit) labels", "holds too many labels")
      }
      for name in labels.names.prefix(Self.labelLimit) {
        let allowed =
          "a text of at most 255 characters without NUL, under a name of 1 to 63 letters, digits and . _ - /"
        if let value = labels.string(
          name, allowed: allowed,
          where: { value in
            Self.isName(name) && value.unicodeScalars.count <= 255 && !value.unicodeScalars.contains("\0")
          })
        {
          self.labels[name] = value
        }
      }
      labels.acceptRest()
      labels.finish()
    } else {
      _ = reader.value("labels")
    }
    priority = reader.integer("priority", in: Self.priorities, default: 0)
    reader.finish()
  }

  /// Whether a text can be a label's name.
  package static func isName(_ text: String) -> Bool {
    1...63 ~= text.utf8.count
      && text.utf8.allSatisfy { byte in
        0x30...0x39 ~= byte || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte || "._-/".utf8.contains(byte)
      }
  }

  /// The member that `init` reads.
  package var json: JSONValue {
    .object(["labels": .object(labels.mapValues(JSONValue.string)), "priority": .integer(priority)])
  }
}
