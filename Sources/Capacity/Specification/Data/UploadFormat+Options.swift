import Datasets

extension UploadFormat {
  /// The formats' names.
  package static let names = ["csv", "npy", "npz", "images", "imagenet"]

  private static let summaries = [
    "csv": "Delimited text, a row a sample.",
    "npy": "One array of NumPy's, a row a sample with the class in one of its columns.",
    "npz": "Arrays of NumPy's: inputs and labels, perhaps of a test split too.",
    "images": "A packed folder of images, a folder a class.",
    "imagenet": "A folder of images in the layout of ImageNet.",
  ]

  /// The formats that can be uploaded (a folder has no place in a body), each with its options as JSON Schema, made of what
  /// its decoder asks for. In a query or a form each value is a text, and one of a list stands for itself: the option is
  /// repeated.
  package static let uploads = names.filter { $0 != "imagenet" }.map { name in
    SpecificationCatalogue.Item(
      kind: name, description: summaries[name] ?? "", schema: .object(schema(of: name)))
  }

  /// The names of all formats' options. Those of lists, and `column_type` as `COLUMN=TYPE`, may be given several times.
  package static let optionNames = properties.keys.sorted()

  /// What each option may be, of whichever formats have it.
  private static let properties: [String: JSONValue] = names.reduce(into: [:]) { all, name in
    guard case .object(let members)? = schema(of: name)["properties"] else { return }
    all.merge(members) { first, _ in first }
  }

  /// The types that an option's values may have.
  private static func valueTypes(of option: String) -> [String] {
    let type = properties[option]?["type"]
    return type?.arrayValue?.compactMap(\.stringValue) ?? type?.stringValue.map { [$0] } ?? []
  }

  private static func schema(of name: String) -> [String: JSONValue] {
    let explorer = SchemaExplorer { reader in _ = Self.read(name, reader) }
    guard case .object(var members) = explorer.schema(), case .object(var properties)? = members["properties"]
    else { preconditionFailure("options are an object") }
    if properties.removeValue(forKey: "column_types") != nil {
      let types = ColumnType.allCases.map(\.rawValue).joined(separator: "|")
      properties["column_type"] = .object(
        .list(of: ["type": .string("string"), "pattern": .string("^.+=(\(types))$")])
          .merging(["description": .string("COLUMN=TYPE")]) { $1 })
    }
    members["properties"] = .object(properties)
    return members
  }

  /// The format of a name with the options of an object; nil where there is no such format.
  private static func read(_ name: String, _ reader: ObjectReader) -> UploadFormat? {
    switch name {
    case "csv": .csv(TableOptions(reading: reader))
    case "npy": .npy(ArrayOptions(npyReading: reader))
    case "npz": .npz(ArrayOptions(npzReading: reader))
    case "images": .images(ImageForm(reading: reader))
    case "imagenet": .imageNet(ImageForm(reading: reader))
    default: nil
    }
  }

  /// A format with its options written as texts, as flags, queries and forms have them.
  ///
  /// - Throws: `ParametersError` with every fault.
  package init(name: String, options: [(name: String, value: String)]) throws(ParametersError) {
    let faults = FaultCollector()
    let texts = Dictionary(options.map { ($0.name, $0.value) }) { first, _ in first }
    let reader = ObjectReader(Self.document(options, faults), at: "", faults: faults)
    guard let format = Self.read(name, reader) else {
      throw ParametersError(faults: [
        ParameterFault(
          parameter: "format", value: name, allowed: "one of " + Self.names.joined(separator: ", "),
          detail: "is no format")
      ])
    }
    self = format
    reader.finish()
    guard faults.faults.isEmpty else {
      throw ParametersError(
        faults: faults.faults.map { fault in
          // `/column_types/age` is one of the options `column_type`.
          let path = fault.pointer.split(separator: "/").map(String.init)
          let option = path.first == "column_types" ? "column_type" : path.first ?? ""
          return ParameterFault(
            parameter: option, value: texts[option] ?? fault.value?.stringValue, allowed: fault.allowed,
            detail: fault.detail.replacing(ObjectReader.unknownField, with: "is no option of \(name)"))
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
      case _ where valueTypes(of: name).contains("array"):
        let isNumber = properties[name]?["items"]?["type"]?.arrayValue?.contains(.string("integer")) ?? false
        let item = isNumber ? Int(value).map(JSONValue.integer) : nil
        members[name] = .array((members[name]?.arrayValue ?? []) + [item ?? .string(value)])
      case _ where members[name] != nil:
        faults.add("/\(name)", .string(value), allowed: "one value", "is given twice")
      case _ where valueTypes(of: name).contains("integer"):
        members[name] = Int(value).map(JSONValue.integer) ?? .string(value)
      case _ where valueTypes(of: name).contains("number"):
        members[name] =
          Double(value).flatMap { $0.isFinite ? JSONValue.number($0) : nil } ?? .string(value)
      default: members[name] = .string(value)
      }
    }
    if !types.isEmpty { members["column_types"] = .object(types) }
    return .object(members)
  }

  /// What a file is whose name says that it isn't read, and what to do with it; nil where the name says nothing.
  package static func refusal(ofFile path: String) -> String? {
    let name = path.lowercased()
    let arrays = "read its arrays and write them with numpy.savez(\"data.npz\", x=…, y=…)"
    let table = "write it as CSV, for instance with pandas and to_csv(\"data.csv\", index=False)"
    let archive =
      "pack the files as tar (plain, .gz, .xz or .zst) or zip, a table alone with gzip, xz or zstd"
    let kinds: [(endings: [String], what: String, remedy: String)] = [
      ([".mat"], "a MATLAB file", arrays), ([".h5", ".hdf5", ".nc"], "an HDF5 file", arrays),
      ([".pkl", ".pickle", ".pt", ".pth", ".joblib"], "a Python pickle", arrays),
      (["-ubyte", "-ubyte.gz"], "an IDX file", arrays), ([".tfrecord"], "a TFRecord file", arrays),
      ([".parquet"], "a Parquet file", table), ([".feather", ".arrow"], "an Arrow file", table),
      ([".xls", ".xlsx", ".ods"], "a workbook", table), ([".json", ".jsonl", ".ndjson"], "JSON", table),
      ([".arff"], "an ARFF file", table), ([".libsvm", ".svm"], "a LIBSVM file", table),
      ([".dta", ".sav", ".sas7bdat", ".rds", ".rdata"], "a statistics program's file", table),
      ([".7z", ".rar", ".bz2", ".tbz2", ".lz4"], "an archive of another kind", archive),
    ]
    guard let kind = kinds.first(where: { $0.endings.contains(where: name.hasSuffix) }) else { return nil }
    return "it is \(kind.what), which isn't read: \(kind.remedy)"
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
