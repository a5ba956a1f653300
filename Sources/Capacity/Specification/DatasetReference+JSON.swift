import Datasets

extension DatasetReference {
  /// What a specification can name: the published and the generated data sets.
  static let names = [
    "gaussian", "prototypes", "teacher", "mnist", "fashion_mnist", "kmnist", "cifar10", "cifar100",
    "covertype",
    "adult", "credit",
  ]

  init(reading reader: ObjectReader, required: Bool) {
    // Where nothing is asked for at all, the one fault is that the data set is missing.
    guard required else {
      reader.faults.add(
        reader.pointer, nil, allowed: "an object such as {\"name\": \"mnist\"}", "is required")
      self = .mnist
      return
    }
    let testFraction = NumberInterval.from(0, below: 1)
    switch reader.kind("name", of: Self.names) {
    case "gaussian":
      self = .gaussian(
        dimensions: reader.integer("dimensions", in: 1...1_000_000),
        classes: reader.integer("classes", in: 2...100_000, default: 2))
    case "prototypes": self = .prototypes(PrototypeOptions(reading: reader))
    case "teacher": self = .teacher(TeacherOptions(reading: reader))
    case "mnist": self = .mnist
    case "fashion_mnist": self = .fashionMNIST
    case "kmnist": self = .kmnist
    case "cifar10": self = .cifar10
    case "cifar100": self = .cifar100(reader.choice("labels", default: .fine) ?? .fine)
    case "covertype":
      self = .covertype(testFraction: reader.number("test_fraction", testFraction, default: 0))
    case "adult": self = .adult
    case "credit": self = .credit(testFraction: reader.number("test_fraction", testFraction, default: 0))
    default:
      self = .mnist
      reader.acceptRest()
    }
    reader.finish()
  }

  var json: JSONValue {
    var members: [String: JSONValue]
    switch self {
    case .gaussian(let dimensions, let classes):
      members = ["dimensions": .integer(dimensions), "classes": .integer(classes)]
    case .prototypes(let options): members = options.members
    case .teacher(let options): members = options.members
    case .cifar100(let labels): members = ["labels": .string(labels.rawValue)]
    case .covertype(let testFraction), .credit(let testFraction):
      members = ["test_fraction": .number(testFraction)]
    case .mnist, .fashionMNIST, .kmnist, .cifar10, .adult: members = [:]
    case .imageNet, .imageFolder, .table, .arrays, .stored:
      preconditionFailure("specifications don't name \(name)")
    }
    members["name"] = .string(name)
    return .object(members)
  }
}

extension PrototypeOptions {
  init(reading reader: ObjectReader) {
    self.init()
    height = reader.integer("height", in: 1...1024, default: height)
    width = reader.integer("width", in: 1...1024, default: width)
    channels = reader.integer("channels", in: 1...16, default: channels)
    classes = reader.integer("classes", in: 2...1000, default: classes)
    difficulty = reader.number("difficulty", .closed(0, 1000), default: difficulty)
  }

  var members: [String: JSONValue] {
    [
      "height": .integer(height), "width": .integer(width), "channels": .integer(channels),
      "classes": .integer(classes), "difficulty": .number(difficulty),
    ]
  }
}

extension TeacherOptions {
  init(reading reader: ObjectReader) {
    self.init()
    dimensions = reader.integer("dimensions", in: 1...100_000, default: dimensions)
    classes = reader.integer("classes", in: 2...1000, default: classes)
    hidden = reader.integer("hidden", in: 1...4096, default: hidden)
  }

  var members: [String: JSONValue] {
    ["dimensions": .integer(dimensions), "classes": .integer(classes), "hidden": .integer(hidden)]
  }
}
