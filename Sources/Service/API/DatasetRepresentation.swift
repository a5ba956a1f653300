import Capacity
import Datasets
import Foundation

extension StoredDataset {
  /// The data set as the API and the command line show it by itself: with what was understood of its file.
  package var detailedJSON: JSONValue {
    guard case .object(var members) = json else { preconditionFailure("a data set is an object") }
    members["inferred"] = inference?.json ?? .null
    members["warnings"] = .array(inference?.warnings.map { JSONValue(snakeCased: $0) } ?? [])
    return .object(members)
  }

  /// The data set as lists show it.
  package var json: JSONValue {
    .object([
      "name": .string(name), "kind": .string("added"), "task": .null,
      "shape": .array(shape.map(JSONValue.integer)), "classes": .integer(classes),
      "training_samples": .integer(trainCount), "test_samples": .integer(testCount),
      "licence": .string("the user's"), "source": .string("added as \(format)"), "cached": .bool(true),
      "digest": .string(digest), "bytes": .integer(bytes),
      "class_names": classNames.map { .array($0.map(JSONValue.string)) } ?? .null,
      "created_at": JSONValue(createdAt), "files": .array([]), "schema": .null,
    ])
  }
}

extension DatasetPreview {
  /// The preview as the API and the command line show it.
  package var json: JSONValue {
    .object([
      "name": .string(name), "digest": .string(digest), "split": .string(split.rawValue),
      "shape": .array(shape.sizes.map(JSONValue.integer)),
      "columns": columns.map { .array($0.map(JSONValue.string)) } ?? .null,
      "classes": JSONValue(snakeCased: classes),
      "rows": .array(
        rows.map { row in
          .object([
            "index": .integer(row.index), "label": .integer(row.label),
            "class": .string(classes[row.label].name),
            "inputs": row.png == nil ? .array(row.inputs.map(JSONValue.finite)) : .null,
            "png": row.png.map { .string(Data($0).base64EncodedString()) } ?? .null,
          ])
        }),
    ])
  }
}

extension Inference {
  /// What was understood, all of it members of one object; warnings stand beside it.
  package var json: JSONValue {
    let parts = [
      table.map { JSONValue(snakeCased: $0) }, arrays.map { JSONValue(snakeCased: $0) },
      images.map { JSONValue(snakeCased: $0) },
    ]
    var members = ["classes": JSONValue(snakeCased: classes)]
    for case .object(let more)? in parts { members.merge(more) { $1 } }
    return .object(members)
  }
}

extension JSONValue {
  /// A value of the library in the API's spelling.
  package init(snakeCased value: some Encodable) {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    guard let data = try? encoder.encode(value), let json = try? JSONValue(parsing: data) else {
      preconditionFailure("what was understood of a file is always JSON")
    }
    self = json
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
      "schema": SpecificationCatalogue.dataset(name) ?? .null,
    ])
  }
}

extension PublishedFile {
  fileprivate var json: JSONValue {
    .object([
      "name": .string(name), "url": .string(address),
      "sha256": sha256.map(JSONValue.string) ?? .null, "md5": md5.map(JSONValue.string) ?? .null,
    ])
  }
}
