import Datasets

extension DatasetError {
  /// The description for who isn't at the machine: files go by their names, nothing tells where they lie.
  package var withoutPaths: String {
    switch self {
    case .unreadable(let path, let reason): "can't read \(Self.shown(path)): \(reason)"
    case .directoryNotWritable(_, let reason): "the data can't be stored: \(reason)"
    case .unreachable(let address, let reason): "can't fetch \(Self.shown(address)): \(reason)"
    case .wrongChecksum(let file, let expected, let found):
      Self.wrongChecksum(file: Self.shown(file), expected: expected, found: found).description
    case .truncated(let file, let offset, let expected):
      Self.truncated(file: Self.shown(file), offset: offset, expected: expected).description
    case .malformed(let file, let place, let reason):
      Self.malformed(file: Self.shown(file), place: place, reason: reason).description
    case .limitExceeded(let file, let limit):
      Self.limitExceeded(file: Self.shown(file), limit: limit).description
    default: description
    }
  }

  /// An address on the network as it is, a file by its name alone.
  private static func shown(_ place: String) -> String {
    place.hasPrefix("http://") || place.hasPrefix("https://")
      ? place : place.split(separator: "/").last.map(String.init) ?? place
  }
}
