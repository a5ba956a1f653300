/// What can go wrong between the name of a data set and its samples. Every message is one line that names the
/// file and says what to do.
public enum DatasetError: Error, Hashable, Sendable {
  /// Where in a file a fault lies.
  public enum Place: Hashable, Sendable {
    case offset(Int)
    case row(Int)
    case member(String)
    case wholeFile
  }

  /// No catalogue entry and no stored data set has this name.
  case unknownDataset(name: String)
  /// A stored data set, or a catalogue entry, has this name already.
  case nameTaken(name: String)
  /// A name that can't be used for a stored data set.
  case invalidName(name: String)
  /// An option of a data set or a subset has a value that makes no sense.
  case invalidOption(option: String, value: String, allowed: String)
  /// More samples were asked for than the split has.
  case tooFewSamples(asked: Int, available: Int)
  /// A local file or folder isn't there or can't be read.
  case unreadable(path: String, reason: String)
  /// The public address or the mirror did not deliver a file.
  case unreachable(address: String, reason: String)
  /// A file arrived whole but isn't the one that was published.
  case wrongChecksum(file: String, expected: String, found: String)
  /// A file ends before its content does.
  case truncated(file: String, offset: Int, expected: String)
  /// A file whose content breaks its format.
  case malformed(file: String, place: Place, reason: String)
  /// A file asks for more than the limits allow.
  case limitExceeded(file: String, limit: String)
  /// The data directory can't be written.
  case directoryNotWritable(path: String, reason: String)
  /// Whoever asked called it off.
  case interrupted
}

extension DatasetError: CustomStringConvertible {
  /// One line for a person.
  public var description: String {
    switch self {
    case .unknownDataset(let name):
      "there is no data set '\(name)': name one of the catalogue, or add it first"
    case .nameTaken(let name):
      Catalogue.names.contains(name)
        ? "the name '\(name)' belongs to the catalogue: choose another"
        : "the name '\(name)' is taken: choose another or remove that data set first"
    case .invalidName(let name):
      "'\(name)' can't be a data set's name: 1 to 64 of a-z, 0-9, '_' and '-', starting with a letter or digit"
    case .invalidOption(let option, let value, let allowed):
      "\(option) is \(value), allowed is \(allowed)"
    case .tooFewSamples(let asked, let available):
      "\(asked) samples were asked for and \(available) are there: ask for \(available) or fewer"
    case .unreadable(let path, let reason):
      "can't read \(path): \(reason)"
    case .unreachable(let address, let reason):
      "can't fetch \(address): \(reason); check the address, or set EMC_DATASET_MIRROR "
        + "(--dataset-mirror) to a mirror that has it"
    case .wrongChecksum(let file, let expected, let found):
      "\(file) has the \(found.utf8.count == 32 ? "MD5" : "SHA-256") \(found), expected \(expected): the copy is corrupt or another version; fix the source "
        + "(a mirror with files of its own states them in a SHA256SUMS beside them) and fetch again"
    case .truncated(let file, let offset, let expected):
      "\(file) ends at byte \(offset) where \(expected) should follow: it is truncated, get it again"
    case .malformed(let file, let place, let reason):
      "\(file)\(place.phrase): \(reason)"
    case .limitExceeded(let file, let limit):
      "\(file) is refused: \(limit)"
    case .directoryNotWritable(let path, let reason):
      "can't write \(path): \(reason); make it writable or choose another data directory (EMC_DATA_DIRECTORY)"
    case .interrupted: "it was called off"
    }
  }
}

extension DatasetError.Place {
  fileprivate var phrase: String {
    switch self {
    case .offset(let offset): ", byte \(offset)"
    case .row(let row): ", row \(row)"
    case .member(let name): ", member \(name)"
    case .wholeFile: ""
    }
  }
}
