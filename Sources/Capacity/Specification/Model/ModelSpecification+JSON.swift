import Compute
import Networks

extension ModelSpecification {
  /// - Parameter input: the shape of a sample, where it is known.
  init(reading reader: ObjectReader, required: Bool, input: SampleShape?) {
    guard required else {
      reader.faults.add(
        reader.pointer, nil, allowed: "an object such as {\"kind\": \"linear\"}", FaultCollector.missing)
      self.init(.linear)
      return
    }
    self.init(Architecture(reading: reader, input: input))
    initialization = Initialization(reading: reader.object("initialization"))
    let isScaled = reader.has("scaling")
    if isScaled { readScaling(reader.object("scaling"), input) }
    reader.finish(besides: isScaled ? [] : ["scaling"])
  }

  /// `scaling` is a rule with its factor, which is applied at once, or a number of parameters, for which the data
  /// must be known. What is written is the network that comes out.
  private mutating func readScaling(_ reader: ObjectReader, _ input: SampleShape?) {
    defer { reader.finish() }
    if reader.has("target_parameters") {
      targetParameters = reader.integer("target_parameters", in: 1...Int(Int32.max))
      if reader.has("rule") || reader.has("factor") {
        reader.fault(
          "target_parameters", allowed: "a target, or a rule and its factor",
          "stands beside a rule or a factor")
        reader.acceptRest()
      }
      return
    }
    guard let rule: Scaling.Rule = reader.choice("rule") else { return reader.acceptRest() }
    let factor = reader.number("factor", .closed(-1e6, 1e6))
    // A model with faults of its own isn't scaled: what would come out is another model's.
    guard reader.faults.faults.isEmpty else { return }
    do {
      let scaled = try architecture.scaled(Scaling(rule: rule, factor: factor))
      guard scaled.canBeSpecified else {
        return reader.fault(
          "factor", allowed: "a factor that keeps every size within its range", "makes the model too large")
      }
      if case .sequential(let network) = scaled, let input, let fault = network.faults(on: input).first {
        return reader.fault(
          "factor", allowed: "a factor at which the layers go together", "\(fault.path): \(fault.reason)")
      }
      architecture = scaled
    } catch .invalid(let field, let reason) {
      reader.fault(field.replacing("scaling/", with: ""), allowed: "a rule for this kind of model", reason)
    } catch {
      reader.fault("factor", allowed: "a smaller factor", error.description)
    }
  }

  var json: JSONValue {
    guard case .object(var members) = architecture.json else { preconditionFailure("a model is an object") }
    members["initialization"] = initialization.json
    return .object(members)
  }
}

extension Architecture {
  /// Whether a specification that names every size could say it: probes are read back from what is written.
  var canBeSpecified: Bool {
    let faults = FaultCollector()
    _ = Architecture(reading: ObjectReader(json, at: "", faults: faults), input: nil)
    return faults.faults.isEmpty
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
