/// Why a `multipart/form-data` body can't be read.
package enum MultipartError: Error, Equatable, Sendable {
  /// It breaks RFC 2046 §5.1 or RFC 7578; the text says which rule.
  case malformed(String)
  /// It ends before its closing delimiter.
  case truncated
}

/// Splits a `multipart/form-data` body (RFC 7578 on RFC 2046 §5.1) into its parts as it arrives. What it keeps
/// is bounded by the limits: content goes on at once but for the few bytes that may begin a delimiter.
package struct MultipartParser: Sendable {
  /// What the next bytes turned out to be.
  package enum Event: Equatable, Sendable {
    /// A part begins.
    case began(MultipartPart)
    /// Some of its content; never empty.
    case content([UInt8])
    /// The part has ended.
    case ended
  }

  /// Bytes of a part's header.
  package static let headerLimit = 8_192
  /// Parts of a body.
  package static let partLimit = 200
  /// Spaces between a delimiter and its end of line.
  private static let paddingLimit = 256

  private enum State {
    case preamble, delimiterEnd, header, contentStart, content, epilogue
  }

  private static let lineEnd: [UInt8] = [13, 10]
  private let delimiter: [UInt8]
  /// The first delimiter may stand at the very start, without the line end that belongs to the others.
  private var buffer = lineEnd
  private var state = State.preamble
  private var parts = 0

  /// A parser for a boundary of 1 to 70 characters.
  package init(boundary: String) {
    delimiter = Self.lineEnd + Array("--\(boundary)".utf8)
  }

  /// What the next bytes are.
  package mutating func feed(_ bytes: [UInt8]) throws(MultipartError) -> [Event] {
    buffer += bytes
    var events: [Event] = []
    var position = 0
    while try step(&position, &events) {}
    buffer.removeFirst(position)
    return events
  }

  /// Ends the body. Throws `truncated` unless its closing delimiter has come.
  package func finish() throws(MultipartError) {
    guard state == .epilogue else { throw .truncated }
  }

  /// Goes on from `position`; false where more bytes are needed.
  private mutating func step(_ position: inout Int, _ events: inout [Event]) throws(MultipartError) -> Bool {
    let available = buffer.count - position
    switch state {
    case .preamble, .content:
      let found = start(of: delimiter, from: position)
      let end = found ?? max(position, buffer.count - delimiter.count + 1)
      if state == .content, end > position { events.append(.content(Array(buffer[position..<end]))) }
      position = end
      guard found != nil else { return false }
      if state == .content { events.append(.ended) }
      position += delimiter.count
      state = .delimiterEnd
    case .delimiterEnd:
      guard available >= 2 else { return false }
      if buffer[position] == 45, buffer[position + 1] == 45 {
        state = .epilogue
        return true
      }
      let end = buffer[position...].firstIndex { $0 != 32 && $0 != 9 } ?? buffer.count
      guard end - position <= Self.paddingLimit else { throw .malformed("A delimiter's line is too long.") }
      guard buffer.count - end >= 2 else { return false }
      guard buffer[end] == 13, buffer[end + 1] == 10 else {
        throw .malformed("A delimiter is followed by other text; the boundary occurs in the content.")
      }
      parts += 1
      guard parts <= Self.partLimit else { throw .malformed("There are more than \(Self.partLimit) parts.") }
      // The line end stays: where the header is empty, it is the first half of the empty line.
      position = end
      state = .header
    case .header:
      guard let end = start(of: Self.lineEnd + Self.lineEnd, from: position) else {
        guard available <= Self.headerLimit else { throw Self.headerTooLong }
        return false
      }
      guard end - position <= Self.headerLimit else { throw Self.headerTooLong }
      events.append(.began(try MultipartPart(header: buffer[position..<end])))
      position = end + 2
      state = .contentStart
    case .contentStart:
      // The empty line may be the next delimiter's own: such a part has no content at all.
      let count = min(available, delimiter.count)
      if buffer[position..<position + count].elementsEqual(delimiter[..<count]) {
        guard count == delimiter.count else { return false }
      } else {
        position += 2
      }
      state = .content
    case .epilogue:
      position = buffer.count
      return false
    }
    return true
  }

  private static let headerTooLong = MultipartError.malformed(
    "A part's header may have at most \(headerLimit) bytes.")

  private func start(of pattern: [UInt8], from position: Int) -> Int? {
    var index = position
    let last = buffer.count - pattern.count
    while index <= last {
      if buffer[index] == pattern[0], buffer[index..<index + pattern.count].elementsEqual(pattern) {
        return index
      }
      index += 1
    }
    return nil
  }
}
