import Datasets

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
