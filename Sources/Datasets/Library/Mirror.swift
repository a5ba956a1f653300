import Foundation

/// Where published files are looked for: their public addresses, or a mirror `<mirror>/<dataset>/<file>`.
struct Mirror: Sendable {
  /// Nil: the public addresses.
  private let base: String?

  init(_ base: String?) throws(DatasetError) {
    guard var base, !base.isEmpty else {
      self.base = nil
      return
    }
    if base.hasPrefix("/") { base = URL(fileURLWithPath: base).absoluteString }
    guard let url = URL(string: base), ["http", "https", "file"].contains(url.scheme?.lowercased()) else {
      throw .invalidOption(
        option: "the mirror", value: base, allowed: "an http, https or file address, or an absolute path")
    }
    self.base = base.hasSuffix("/") ? base : base + "/"
  }

  /// Whether there is one.
  var isSet: Bool { base != nil }

  /// The address of a file.
  func address(of file: PublishedFile, in dataset: String) throws(DatasetError) -> URL {
    try url(base.map { "\($0)\(dataset)/\(Self.escaped(file.name))" } ?? file.address)
  }

  /// The address of the mirror's own checksums for a data set; nil for the public addresses.
  func checksums(of dataset: String) throws(DatasetError) -> URL? {
    guard let base else { return nil }
    return try url("\(base)\(dataset)/SHA256SUMS")
  }

  private func url(_ text: String) throws(DatasetError) -> URL {
    guard let url = URL(string: text) else {
      throw .unreachable(address: text, reason: "not an address")
    }
    return url
  }

  private static func escaped(_ name: String) -> String {
    name.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? name
  }
}

/// A `SHA256SUMS` file: lines of 64 hexadecimal digits, two spaces (or a space and an asterisk) and a name.
struct ChecksumList: Sendable {
  private var sums: [String: String] = [:]

  init(_ text: String, file: String) throws(DatasetError) {
    for (row, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = line.hasSuffix("\r") ? line.dropLast() : line
      if line.isEmpty { continue }
      let digits = line.prefix(64)
      var name = line.dropFirst(64)
      guard digits.count == 64, digits.allSatisfy({ $0.isHexDigit && $0.isASCII }), name.first == " " else {
        throw .malformed(file: file, place: .row(row + 1), reason: "not a line of sha256sum")
      }
      name = name.dropFirst(2)
      sums[String(name.hasPrefix("./") ? name.dropFirst(2) : name)] = digits.lowercased()
    }
  }

  subscript(name: String) -> String? { sums[name] }
}
