import Datasets

extension TableOptions {
  /// Reads the options of delimited text.
  init(reading reader: ObjectReader) {
    self.init()
    if let value = reader.value("class_column", ColumnReference.schema.withDefault(classColumn.json)) {
      if let column = ColumnReference(value) {
        classColumn = column
      } else {
        reader.fault("class_column", allowed: ColumnReference.allowed, "is no column")
      }
    }
    if reader.has("column_types") { columnTypes = Self.types(reader.object("column_types")) }
    delimiter = Self.character("delimiter", reader)
    comment = Self.character("comment", reader)
    decimalMark = Self.character("decimal_mark", reader, of: ".,")
    thousands = Self.character("thousands", reader, of: ",. '_")
    if let thousands, thousands == decimalMark {
      reader.fault("thousands", allowed: "another character than decimal_mark", "is the decimal mark")
    }
    if reader.has("encoding"), reader.value("encoding") != .null { encoding = reader.choice("encoding") }
    missing = reader.choice("missing", default: missing) ?? missing
    if reader.has("missing_categories"), reader.value("missing_categories") != .null {
      missingCategories = reader.choice("missing_categories")
    }
    missingValues = Self.texts("missing_values", reader, allowed: "a list of words")
    classValues = Self.texts("class_values", reader, allowed: "a list of words")
    if let value = reader.value("ignore_columns", .list(of: ColumnReference.schema)), value != .null {
      let columns = value.arrayValue?.map { ColumnReference($0) } ?? [nil]
      ignoredColumns = columns.compactMap { $0 }
      if columns.contains(nil) {
        reader.fault(
          "ignore_columns", allowed: "a list of columns: \(ColumnReference.allowed)", "is no such list")
      }
    }
    headerRows = reader.optionalInteger("header_rows", in: 0...1000)
    testFraction = reader.number("test_fraction", .from(0, below: 1), default: testFraction)
  }

  private static func character(
    _ name: String, _ reader: ObjectReader, of allowed: String? = nil
  ) -> Character? {
    let schema: [String: JSONValue] =
      allowed.map { .names($0.map { String($0) }) }
      ?? ["type": .string("string"), "minLength": .integer(1), "maxLength": .integer(1)]
    guard let value = reader.value(name, schema.orNull), value != .null else { return nil }
    let character = value.stringValue.flatMap { $0.utf8.count == 1 ? $0.first : nil }
    guard let character, character != "\n", character != "\r", character != "\"",
      allowed?.contains(character) ?? true
    else {
      reader.fault(
        name,
        allowed: allowed.map { "one of " + $0.map { "'\($0)'" }.joined(separator: ", ") + ", or null" }
          ?? "one character of ASCII, or null", "is no such character")
      return nil
    }
    return character
  }

  private static func texts(_ name: String, _ reader: ObjectReader, allowed: String) -> [String] {
    guard let value = reader.value(name, .list(of: ["type": .string("string")])), value != .null else {
      return []
    }
    let texts = value.arrayValue?.map(\.stringValue) ?? [nil]
    if texts.contains(nil) { reader.fault(name, allowed: allowed, "is no such list") }
    return texts.compactMap { $0 }
  }

  private static func types(_ reader: ObjectReader) -> [ColumnReference: ColumnType] {
    var types: [ColumnReference: ColumnType] = [:]
    for name in reader.names {
      if let type: ColumnType = reader.choice(name) { types[ColumnReference(text: name)] = type }
    }
    return types
  }

  var members: [String: JSONValue] {
    [
      "class_column": classColumn.json,
      "column_types": .object(
        Dictionary(
          columnTypes.map { ($0.key.text, .string($0.value.rawValue)) },
          uniquingKeysWith: { first, _ in first })),
      "delimiter": delimiter.map { .string(String($0)) } ?? .null,
      "header_rows": .optional(headerRows),
      "test_fraction": .number(testFraction),
      "encoding": encoding.map { .string($0.rawValue) } ?? .null,
      "decimal_mark": decimalMark.map { .string(String($0)) } ?? .null,
      "thousands": thousands.map { .string(String($0)) } ?? .null,
      "comment": comment.map { .string(String($0)) } ?? .null,
      "missing_values": .array(missingValues.map(JSONValue.string)),
      "missing": .string(missing.rawValue),
      "missing_categories": missingCategories.map { .string($0.rawValue) } ?? .null,
      "ignore_columns": .array(ignoredColumns.map(\.json)),
      "class_values": .array(classValues.map(JSONValue.string)),
    ]
  }
}

extension ColumnReference {
  static let allowed = "a column's name, or its position from 0, negative from the last"
  static let schema: [String: JSONValue] = [
    "type": .array([.string("integer"), .string("string")]), "description": .string(allowed),
  ]

  /// A name or, where the text is an integer, a position.
  init(text: String) { self = Int(text).map { .position($0) } ?? .name(text) }

  init?(_ value: JSONValue) {
    if let position = value.integerValue {
      self = .position(position)
    } else if let name = value.stringValue {
      self = .name(name)
    } else {
      return nil
    }
  }

  var json: JSONValue {
    switch self {
    case .name(let name): .string(name)
    case .position(let position): .integer(position)
    }
  }

  var text: String {
    switch self {
    case .name(let name): name
    case .position(let position): String(position)
    }
  }
}

extension ArrayOptions {
  /// Reads `class_column` of a single array.
  init(npyReading reader: ObjectReader) {
    self.init()
    classColumn = reader.integer("class_column", in: -1_000_000...1_000_000, default: classColumn)
  }

  /// Reads the names of the arrays and `channel_order`.
  init(npzReading reader: ObjectReader) {
    self.init()
    inputs = reader.optionalString("inputs", allowed: "the name of an array, or null")
    labels = reader.optionalString("labels", allowed: "the name of an array, or null")
    testInputs = reader.optionalString("test_inputs", allowed: "the name of an array, or null")
    testLabels = reader.optionalString("test_labels", allowed: "the name of an array, or null")
    if let value = reader.value("channel_order", .names(["first", "last"]).orNull), value != .null {
      channelOrder = value.stringValue.flatMap(ChannelOrder.init)
      if channelOrder == nil { reader.fault("channel_order", allowed: "first, last or null", "is neither") }
    }
  }

  var npyMembers: [String: JSONValue] { ["class_column": .integer(classColumn)] }

  var npzMembers: [String: JSONValue] {
    let texts = [
      "inputs": inputs, "labels": labels, "test_inputs": testInputs, "test_labels": testLabels,
      "channel_order": channelOrder?.rawValue,
    ]
    return texts.mapValues { $0.map(JSONValue.string) ?? .null }
  }
}

extension ImageForm {
  /// What becomes of the orientation that a camera has noted.
  private enum Orientation: String, CaseIterable {
    case ignore, apply
  }

  /// Reads `height`, `width`, `channels`, `fit` and `exif_orientation`.
  init(reading reader: ObjectReader) {
    self.init(
      height: reader.integer("height", in: 1...4096), width: reader.integer("width", in: 1...4096),
      channels: reader.integer("channels", in: 1...3, default: 3),
      fit: reader.choice("fit", default: .stretch) ?? .stretch)
    appliesOrientation = reader.choice("exif_orientation", default: Orientation.ignore) == .apply
    if channels == 2 { reader.fault("channels", allowed: "1 (grey) or 3 (colour)", "is not allowed") }
  }

  var members: [String: JSONValue] {
    [
      "height": .integer(height), "width": .integer(width), "channels": .integer(channels),
      "fit": .string(fit.rawValue),
      "exif_orientation": .string((appliesOrientation ? Orientation.apply : .ignore).rawValue),
    ]
  }
}
