import Networks

extension ModelSpecification {
  init(reading reader: ObjectReader, required: Bool) {
    guard required else {
      reader.faults.add(
        reader.pointer, nil, allowed: "an object such as {\"kind\": \"linear\"}", "is required")
      self.init(.linear)
      return
    }
    self.init(Architecture(reading: reader))
    initialization = Initialization(reading: reader.object("initialization"))
    reader.finish()
  }

  var json: JSONValue {
    guard case .object(var members) = architecture.json else { preconditionFailure("a model is an object") }
    members["initialization"] = initialization.json
    return .object(members)
  }
}

extension Initialization {
  init(reading reader: ObjectReader) {
    let defaults = Initialization()
    self.init(
      scheme: reader.choice("scheme", default: defaults.scheme) ?? defaults.scheme,
      zeroOutput: reader.boolean("zero_output", default: defaults.zeroOutput))
    reader.finish()
  }

  var json: JSONValue {
    .object(["scheme": .string(scheme.rawValue), "zero_output": .bool(zeroOutput)])
  }
}
