import Capacity
import Datasets
import Foundation
import HTTPServer

/// What a client says of the file that it uploads, in the query or in the fields of a form.
struct UploadForm: Sendable {
  enum File: Sendable {
    /// The whole body.
    case body(contentType: String?)
    /// A part of a form.
    case part(filename: String?)
  }

  /// The name that the data set shall have.
  private(set) var name: String?
  /// Where the file is; nil while none has come.
  var file: File?
  /// Whether the answer is all that is wanted.
  private(set) var isDryRun = false
  private var formatName: String?
  private var options: [(name: String, value: String)] = []

  static let names = ["name", "format", "dry_run"] + UploadFormat.optionNames
  private static let formats = UploadFormat.uploads.map(\.kind)
  /// Bytes of a form's field.
  private static let fieldLimit = 65_536

  /// Takes an option.
  mutating func add(_ option: String, _ value: String) throws(ParametersError) {
    switch option {
    case "name" where name == nil: name = value
    case "format" where formatName == nil: formatName = value
    case "dry_run":
      guard let flag = Bool(value) else {
        throw ParametersError(option, value, allowed: "true or false", "is neither")
      }
      isDryRun = flag
    case "name", "format":
      throw ParametersError(option, value, allowed: "one value", "is given twice")
    case _ where UploadFormat.optionNames.contains(option): options.append((option, value))
    default:
      throw ParametersError(
        option, value, allowed: "the options \(Self.names.joined(separator: ", "))", "is not known")
    }
  }

  /// The name, given and possible.
  func checkedName() throws(ParametersError) -> String {
    guard let name else {
      throw ParametersError(
        "name", nil, allowed: "the name that specifications shall use", FaultCollector.missing)
    }
    return name
  }

  /// The format with its options: as given, or as the file's name or type says.
  func format() throws(ParametersError) -> UploadFormat {
    let allowed = "one of " + Self.formats.joined(separator: ", ")
    guard let name = formatName ?? inferredFormat else {
      if let fileName, let refusal = UploadFormat.refusal(ofFile: fileName) {
        throw ParametersError("format", nil, allowed: allowed, "can't be told from \(fileName): \(refusal)")
      }
      throw ParametersError(
        "format", nil, allowed: allowed, "is required where neither a file's name nor a type says it")
    }
    guard Self.formats.contains(name) else {
      throw ParametersError("format", name, allowed: allowed, "is no format of an upload")
    }
    return try UploadFormat(name: name, options: options)
  }

  /// What messages call the file; nil: as the data set.
  var fileName: String? {
    guard case .part(let filename?)? = file else { return nil }
    // A name for messages, which a client may have written with a path.
    let last = filename.split(whereSeparator: { "/\\".contains($0) }).last.map(String.init)
    return last.map { String($0.prefix(200)) }
  }

  private var inferredFormat: String? {
    switch file {
    case .part(let filename): filename.flatMap { UploadFormat.name(ofFile: $0) }
    case .body(let type):
      switch type?.split(separator: ";").first?.trimmingCharacters(in: .whitespaces).lowercased() {
      case "text/csv", "text/tab-separated-values": "csv"
      case "application/x-tar": "images"
      default: nil
      }
    case nil: nil
    }
  }

  /// Receives a form: its fields, and one file, which goes to disk as it comes.
  mutating func receive(
    _ body: HTTPBody, boundary: String, into target: UploadWriter
  ) async throws {
    var writer = target
    var parser = MultipartParser(boundary: boundary)
    var field: (name: String, value: [UInt8])?
    for try await piece in body {
      for event in try parser.feed(piece) {
        switch event {
        case .began(let part):
          if part.filename != nil || part.name == "file" {
            guard file == nil else {
              throw ParametersError("file", part.filename, allowed: "one file", "is a second file")
            }
            file = .part(filename: part.filename)
          } else {
            field = (part.name, [])
          }
        case .content(let bytes):
          guard let name = field?.name else {
            try await writer.write(bytes)
            continue
          }
          guard (field?.value.count ?? 0) + bytes.count <= Self.fieldLimit else {
            throw ParametersError(name, nil, allowed: "\(Self.fieldLimit) bytes", "is too long")
          }
          field?.value += bytes
        case .ended:
          if let (name, value) = field { try add(name, String(decoding: value, as: UTF8.self)) }
          field = nil
        }
      }
    }
    try parser.finish()
    try await writer.flush()
    guard file != nil else {
      throw ParametersError("file", nil, allowed: "a part with a file", FaultCollector.missing)
    }
  }
}

extension ParametersError {
  init(_ option: String, _ value: String?, allowed: String, _ detail: String) {
    self.init(faults: [ParameterFault(parameter: option, value: value, allowed: allowed, detail: detail)])
  }
}

/// Writes an upload to disk in large pieces, each on a thread of its own: a slow disk holds up no thread that
/// serves requests.
struct UploadWriter {
  private let upload: Upload
  private var pending: [UInt8] = []

  private static let pieceBytes = 1 << 20

  init(_ upload: Upload) { self.upload = upload }

  mutating func write(_ bytes: [UInt8]) async throws {
    pending += bytes
    if pending.count >= Self.pieceBytes { try await flush() }
  }

  mutating func flush() async throws {
    let bytes = pending
    pending = []
    try await onOwnThread { [upload] in try upload.write(bytes) }
  }
}
