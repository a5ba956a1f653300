import Datasets

/// What a specification must know of a data set before any of it is fetched.
struct DatasetFacts {
  let shape: SampleShape
  let classes: Int
  /// Samples in the training split.
  let trainingSamples: Int
}

extension DatasetReference {
  static let names = ["gaussian", "mnist"]

  init(reading reader: ObjectReader, required: Bool) {
    // Where nothing is asked for at all, the one fault is that the data set is missing.
    guard required else {
      reader.faults.add(
        reader.pointer, nil, allowed: "an object such as {\"name\": \"mnist\"}", "is required")
      self = .mnist
      return
    }
    switch reader.kind("name", of: Self.names) {
    case "gaussian":
      self = .gaussian(
        dimensions: reader.integer("dimensions", in: 1...1_000_000),
        classes: reader.integer("classes", in: 2...100_000, default: 2))
    case "mnist":
      self = .mnist
    default:
      self = .mnist
      reader.acceptRest()
    }
    reader.finish()
  }

  var json: JSONValue {
    switch self {
    case .gaussian(let dimensions, let classes):
      .object(["name": .string(name), "dimensions": .integer(dimensions), "classes": .integer(classes)])
    case .mnist:
      .object(["name": .string(name)])
    default:
      preconditionFailure("specifications don't name \(name)")
    }
  }

  var facts: DatasetFacts {
    switch self {
    case .gaussian(let dimensions, let classes):
      // Generated data have no end; what a probe can hold does.
      DatasetFacts(
        shape: .features(dimensions), classes: classes,
        trainingSamples: min(10_000_000, (1 << 31) / dimensions))
    case .mnist:
      DatasetFacts(shape: .image(height: 28, width: 28, channels: 1), classes: 10, trainingSamples: 60_000)
    default:
      preconditionFailure("specifications don't name \(name)")
    }
  }
}
