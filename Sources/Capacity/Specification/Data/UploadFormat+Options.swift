import Datasets

extension UploadFormat {
  /// The formats' names.
  package static let names = ["csv", "npy", "npz", "images", "imagenet"]
  /// The names of all formats' options. `column_type` may be given several times, as `COLUMN=TYPE`, and so may those of
  /// `listNames`, a value each time.
  package static let optionNames =
    [
      "class_column", "column_type", "delimiter", "header_rows", "test_fraction", "encoding", "decimal_mark",
      "thousands",
      "comment", "missing", "missing_categories", "inputs", "labels", "test_inputs", "test_labels",
      "channel_order",
      "height", "width", "channels", "fit", "exif_orientation",
    ] + listNames
  /// Options whose values are lists.
  package static let listNames = ["missing_values", "ignore_columns", "class_values"]

  /// A format with its options written as texts, as flags, queries and forms have them.
  ///
  /// - Throws: `ParametersError` with every fault.
  package init(name: String, options: [(name: String, value: String)]) throws(ParametersError) {
    let faults = FaultCollector()
    let texts = Dictionary(options.map { ($0.name, $0.value) }) { first, _ in first }
    let reader = ObjectReader(Self.document(options, faults), at: "", faults: faults)
    switch name {
    case "csv": self = .csv(TableOptions(reading: reader))
    case "npy": self = .npy(ArrayOptions(npyReading: reader))
    case "npz": self = .npz(ArrayOptions(npzReading: reader))
    case "images": self = .images(ImageForm(reading: reader))
    case "imagenet": self = .imageNet(ImageForm(reading: reader))
    default:
      throw ParametersError(faults: [
        ParameterFault(
          parameter: "format", value: name, allowed: "one of " + Self.names.joined(separator: ", "),
          detail: "is no format")
      ])
    }
    reader.finish()
    guard faults.faults.isEmpty else {
      throw ParametersError(
        faults: faults.faults.map { fault in
          // `/column_types/age` is one of the options `column_type`.
          let path = fault.pointer.split(separator: "/").map(String.init)
          let option = path.first == "column_types" ? "column_type" : path.first ?? ""
          return ParameterFault(
            parameter: option, value: texts[option] ?? fault.value?.stringValue, allowed: fault.allowed,
            detail: fault.detail.replacing("is not a known field", with: "is no option of \(name)"))
        })
    }
  }

  /// The options as the object that a specification would have.
  private static func document(
    _ options: [(name: String, value: String)], _ faults: FaultCollector
  ) -> JSONValue {
    var members: [String: JSONValue] = [:]
    var types: [String: JSONValue] = [:]
    for (name, value) in options {
      switch name {
      case "column_type":
        guard let sign = value.lastIndex(of: "="), sign > value.startIndex else {
          faults.add("/column_type", .string(value), allowed: "COLUMN=TYPE", "has no column or no type")
          continue
        }
        let column = String(value[..<sign])
        if types.updateValue(.string(String(value[value.index(after: sign)...])), forKey: column) != nil {
          faults.add("/column_type", .string(value), allowed: "one type for each column", "is a second one")
        }
      case _ where listNames.contains(name):
        let item =
          name == "ignore_columns"
          ? Int(value).map(JSONValue.integer) ?? .string(value) : JSONValue.string(value)
        members[name] = .array((members[name]?.arrayValue ?? []) + [item])
      case _ where members[name] != nil:
        faults.add("/\(name)", .string(value), allowed: "one value", "is given twice")
      case "class_column", "header_rows", "height", "width", "channels":
        members[name] = Int(value).map(JSONValue.integer) ?? .string(value)
      case "test_fraction":
        members[name] =
          Double(value).flatMap { $0.isFinite ? JSONValue.number($0) : nil } ?? .string(value)
      default: members[name] = .string(value)
      }
    }
    if !types.isEmpty { members["column_types"] = .object(types) }
    return .object(members)
  }

  /// The format that a file's name or a folder suggests; nil where it says nothing.
  package static func name(ofFile path: String, isFolder: Bool = false) -> String? {
    if isFolder { return "images" }
    var name = path.lowercased()
    if [".tgz", ".txz", ".tzst"].contains(where: name.hasSuffix) { return "images" }
    // What a zip holds its name tells at most by a second ending; folders of images are what is packed so.
    let isZip = name.hasSuffix(".zip")
    for ending in [".gz", ".xz", ".zst", ".zip"] where name.hasSuffix(ending) {
      name.removeLast(ending.count)
      break
    }
    let suffixes =
      ["csv", "tsv", "data", "txt"].map { ($0, "csv") }
      + [("npy", "npy"), ("npz", "npz"), ("tar", "images")]
    return suffixes.first { name.hasSuffix(".\($0.0)") }?.1 ?? (isZip ? "images" : nil)
  }
}
