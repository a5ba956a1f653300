import Capacity
import Foundation

/// What commands say to people, and JSON. Names, labels and details come from whoever has sent them: their control characters
/// are shown, for a terminal would obey them.
enum Console {
  /// Lines on standard output.
  static func show(_ lines: [String]) {
    if !lines.isEmpty { print(lines.map(\.visible).joined(separator: "\n")) }
  }

  /// A line on standard output.
  static func show(_ line: String) { show([line]) }

  /// JSON on standard output.
  static func show(_ json: JSONValue, pretty: Bool = true) { print(text(json, pretty: pretty)) }

  /// Text on standard error, whose line feeds part its lines.
  static func report(_ text: String) {
    writeError(text.visibleLines + "\n")
  }

  /// JSON on standard error.
  static func report(_ json: JSONValue) {
    writeError(text(json, pretty: true) + "\n")
  }

  /// UTF-8 on standard output as it is; where that is a terminal, as text for people.
  static func copy(_ bytes: Data) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard isatty(STDOUT_FILENO) == 1 else { return writeOutput(text) }
    show(text.split(whereSeparator: \.isNewline).map(String.init))
  }

  /// JSON escapes of itself what is below U+0020 alone. What else a terminal obeys stands in strings only, where an escape
  /// is the same to programs (RFC 8259 §7).
  private static func text(_ json: JSONValue, pretty: Bool) -> String {
    let text = json.text(pretty: pretty)
    return text.replacing(where: { $0 != "\n" && $0.drivesTerminals }) {
      let digits = String($0.value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }
}

extension String {
  /// The text as one line: U+001B as `\u{1b}`, and so every character that would move, colour or reverse what is shown.
  var visible: String { replacing(where: \.drivesTerminals) { "\\u{\(String($0.value, radix: 16))}" } }

  /// The same of each line.
  var visibleLines: String {
    unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).visible }
      .joined(separator: "\n")
  }

  fileprivate func replacing(
    where isReplaced: (Unicode.Scalar) -> Bool, _ replacement: (Unicode.Scalar) -> String
  ) -> String {
    guard unicodeScalars.contains(where: isReplaced) else { return self }
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if isReplaced(scalar) {
        text.append(contentsOf: replacement(scalar).unicodeScalars)
      } else {
        text.append(scalar)
      }
    }
    return String(text)
  }
}

extension Unicode.Scalar {
  /// C0, DEL and C1; the separators of lines and paragraphs; embeddings, overrides and isolates of the bidirectional algorithm
  /// (UAX #9), which make what follows read otherwise than it is. All lie below U+10000.
  fileprivate var drivesTerminals: Bool {
    switch value {
    case 0...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
