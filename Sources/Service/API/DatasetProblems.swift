import Capacity
import Datasets
import HTTPServer

extension ProblemDocument {
  /// The answer to a data set that can't be added, found or removed; nil for what only the log should know.
  init?(_ error: DatasetError) {
    switch error {
    case .unknownDataset(let name):
      self.init(
        .noSuchDataset, detail: "there is no data set with the name \(name)")
    case .nameTaken:
      self.init(.nameTaken, detail: error.description)
    case .directoryNotWritable:
      self.init(
        .insufficientStorage,
        detail: "the server can't store the data; nothing was registered")
    case .unreadable, .unreachable, .wrongChecksum, .interrupted: return nil
    case .truncated(let file, let offset, _):
      self.init(refused: error, file: file, ["offset": .integer(offset)])
    case .malformed(let file, let place, _):
      self.init(refused: error, file: file, place.members)
    case .limitExceeded(let file, _): self.init(refused: error, file: file, [:])
    case .invalidName, .invalidOption, .tooFewSamples: self.init(refused: error, file: nil, [:])
    }
  }

  /// 422: what the file is refused for, with the place in it.
  private init(refused error: DatasetError, file: String?, _ place: [String: JSONValue]) {
    var fault = place
    // Files of the server's go by their names alone.
    fault["detail"] = .string(error.withoutPaths)
    fault["file"] = file.map { .string($0.split(separator: "/").last.map(String.init) ?? $0) }
    self.init(
      .invalidDataset, detail: error.withoutPaths,
      extensions: ["errors": JSONValue.array([.object(fault)])])
  }

  /// 422: the options that are at fault.
  init(_ error: ParametersError) {
    self.init(
      .invalidDataset,
      detail: error.faults.map { "\($0.parameter) \($0.detail)" }.joined(separator: "; "),
      extensions: [
        "errors": JSONValue.array(
          error.faults.map { fault in
            .object([
              "parameter": .string(fault.parameter), "value": fault.value.map(JSONValue.string) ?? .null,
              "allowed": .string(fault.allowed), "detail": .string(fault.detail),
            ])
          })
      ])
  }

  /// 400: a form that breaks the rules of its framing.
  init(_ error: MultipartError) {
    switch error {
    case .malformed(let rule): self.init(.malformedForm, detail: rule)
    case .truncated:
      self.init(
        .malformedForm, detail: "The form ends before its closing delimiter.")
    }
  }
}

extension DatasetError.Place {
  fileprivate var members: [String: JSONValue] {
    switch self {
    case .offset(let offset): ["offset": .integer(offset)]
    case .row(let row): ["row": .integer(row)]
    case .member(let name): ["member": .string(name)]
    case .wholeFile: [:]
    }
  }
}
