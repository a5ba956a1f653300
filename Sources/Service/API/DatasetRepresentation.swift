import Capacity
import Datasets

extension StoredDataset {
  /// The data set as the API and the command line show it.
  package var json: JSONValue {
    .object([
      "name": .string(name), "kind": .string("added"), "task": .null,
      "shape": .array(shape.map(JSONValue.integer)), "classes": .integer(classes),
      "training_samples": .integer(trainCount), "test_samples": .integer(testCount),
      "licence": .string("the user's"), "source": .string("added as \(format)"), "cached": .bool(true),
      "digest": .string(digest), "bytes": .integer(bytes),
      "class_names": classNames.map { .array($0.map(JSONValue.string)) } ?? .null,
      "created_at": JSONValue(createdAt), "files": .array([]),
    ])
  }
}

extension CatalogueEntry {
  /// The entry as the API and the command line show it; what options or files decide is null.
  ///
  /// - Parameter cached: whether it has been fetched; nil where there is nothing to fetch.
  package func json(cached: Bool?) -> JSONValue {
    .object([
      "name": .string(name), "kind": .string(kind.rawValue), "task": .string(task),
      "shape": shape.map { .array($0.sizes.map(JSONValue.integer)) } ?? .null,
      "classes": .optional(classes), "training_samples": .optional(trainCount),
      "test_samples": .optional(testCount), "licence": .string(licence), "source": .string(source),
      "cached": cached.map(JSONValue.bool) ?? .null, "digest": .null, "bytes": .null, "class_names": .null,
      "created_at": .null, "files": .array(files.map(\.json)),
    ])
  }
}

extension PublishedFile {
  fileprivate var json: JSONValue {
    .object([
      "name": .string(name), "url": .string(address),
      "sha256": sha256.map(JSONValue.string) ?? .null,
    ])
  }
}

extension SampleShape {
  /// One size for a table; height, width and channels for images.
  fileprivate var sizes: [Int] {
    switch self {
    case .features(let count): [count]
    case .image(let height, let width, let channels): [height, width, channels]
    }
  }
}
