/// An element of an SVG document. Attributes are written in the order given, so that equal figures give equal bytes.
package struct SVGElement: Sendable {
  /// What stands between an element's tags.
  enum Content: Sendable {
    case element(SVGElement)
    case text(String)
    /// Written as it stands: a style sheet, whose `>` are no markup.
    case styleSheet(String)
  }

  let name: String
  let attributes: [(name: String, value: String)]
  private(set) var content: [Content] = []

  init(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [SVGElement] = []) {
    self.name = name
    self.attributes = attributes.map { ($0.key, $0.value) }
    content = children.map(Content.element)
  }

  /// An element that has a text.
  init(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String) {
    self.init(name, attributes)
    content = [.text(text)]
  }

  /// A `style` element.
  init(styleSheet: String) {
    self.init("style")
    content = [.styleSheet(styleSheet)]
  }

  mutating func append(_ child: SVGElement) { content.append(.element(child)) }

  mutating func append(contentsOf children: some Sequence<SVGElement>) {
    for child in children { append(child) }
  }

  /// The text of the element and all in it.
  var text: String {
    var out = ""
    write(to: &out)
    return out
  }

  private func write(to out: inout String) {
    out += "<\(name)"
    for (name, value) in attributes { out += " \(name)=\"\(Self.escaped(value))\"" }
    guard !content.isEmpty else {
      out += "/>"
      return
    }
    out += ">"
    // Only between elements may a line be broken: within a text it would be seen.
    let breaksLines = !content.contains { if case .text = $0 { true } else { false } } && name != "text"
    for part in content {
      if breaksLines { out += "\n" }
      switch part {
      case .element(let element): element.write(to: &out)
      case .text(let text): out += Self.escaped(text)
      case .styleSheet(let rules): out += rules
      }
    }
    out += breaksLines ? "\n</\(name)>" : "</\(name)>"
  }

  /// Text as XML 1.0 may have it: markup escaped, characters that no document can have replaced by U+FFFD.
  static func escaped(_ text: String) -> String {
    var out = ""
    out.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "\t", "\n", "\r": out += " "
      case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}": out += "\u{FFFD}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}

extension Double {
  /// A length or a place to a hundredth of a pixel, as short as it can be written.
  package var pixels: String {
    precondition(isFinite, "a place is a number")
    let hundredths = Int((self * 100).rounded())
    let sign = hundredths < 0 ? "-" : ""
    let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
    if rest == 0 { return "\(sign)\(whole)" }
    return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }
}
