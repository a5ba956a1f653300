/// What the header of a part of `multipart/form-data` says (RFC 7578 §4.2).
package struct MultipartPart: Equatable, Sendable {
  /// The field's name.
  package let name: String
  /// The file's name, where the part is a file; it says nothing about a path.
  package let filename: String?

  package init(name: String, filename: String? = nil) {
    self.name = name
    self.filename = filename
  }

  /// Reads the header's lines, each with the line end before it.
  init(header: ArraySlice<UInt8>) throws(MultipartError) {
    var disposition: String?
    for line in Self.lines(header) {
      do throws(RequestFault) {
        let field = try FieldSection.field(line)
        if field.name == .contentDisposition { disposition = disposition ?? field.value.text }
      } catch {
        throw .malformed("In a part: \(error.detail)")
      }
    }
    guard let disposition, let (kind, parameters) = ParameterizedValue.parse(disposition),
      kind == "form-data"
    else { throw .malformed("A part has no Content-Disposition of form-data.") }
    guard let name = parameters["name"] else { throw .malformed("A part has no name.") }
    self.name = Self.unescaped(name)
    filename = parameters["filename"].map(Self.unescaped)
  }

  /// The lines of a header, whose line ends stand before each.
  private static func lines(_ header: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = header.startIndex
    while start < header.endIndex {
      start += 2
      var end = start
      while end < header.endIndex, !(header[end] == 13 && end + 1 < header.endIndex && header[end + 1] == 10)
      {
        end += 1
      }
      lines.append(header[start..<end])
      start = end
    }
    return lines
  }

  /// RFC 7578 §2: browsers write quotes and line ends of names as percent escapes, and nothing else.
  private static func unescaped(_ text: String) -> String {
    text.replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing("%0A", with: "\n")
  }
}

extension MultipartParser {
  /// The boundary in a `Content-Type` of `multipart/form-data`; nil for another type.
  ///
  /// Throws `malformed` where the boundary is missing or none (RFC 2046 §5.1.1).
  package static func boundary(ofContentType text: String?) throws(MultipartError) -> String? {
    guard let text, text.lowercased().hasPrefix("multipart/") else { return nil }
    guard let (type, parameters) = ParameterizedValue.parse(text), type == "multipart/form-data" else {
      throw .malformed("The Content-Type must be multipart/form-data with a boundary.")
    }
    let allowed = ByteSet.token
    guard let boundary = parameters["boundary"], 1...70 ~= boundary.utf8.count, boundary.last != " ",
      boundary.utf8.allSatisfy({ allowed.contains($0) || Array("(),/:=? ".utf8).contains($0) })
    else { throw .malformed("The Content-Type has no boundary of 1 to 70 characters.") }
    return boundary
  }
}

/// A value with parameters, as in `form-data; name="file"` (RFC 9110 §5.6.6).
enum ParameterizedValue {
  /// The value in small letters, and the parameters by their names in small letters; nil where it is none.
  static func parse(_ text: String) -> (value: String, parameters: [String: String])? {
    let bytes = Array(text.utf8)
    var position = bytes.firstIndex(of: 59) ?? bytes.count
    let value = String(decoding: bytes[..<position].trimmed, as: UTF8.self).lowercased()
    var parameters: [String: String] = [:]
    func skipSpace() { while position < bytes.count, bytes[position].isWhitespace { position += 1 } }
    while position < bytes.count {
      guard bytes[position] == 59 else { return nil }
      position += 1
      skipSpace()
      if position == bytes.count { break }
      let start = position
      while position < bytes.count, ByteSet.token.contains(bytes[position]) { position += 1 }
      let name = String(decoding: bytes[start..<position], as: UTF8.self).lowercased()
      guard !name.isEmpty, position < bytes.count, bytes[position] == 61 else { return nil }
      position += 1
      var content: [UInt8] = []
      if position < bytes.count, bytes[position] == 34 {
        position += 1
        while position < bytes.count, bytes[position] != 34 {
          if bytes[position] == 92, position + 1 < bytes.count { position += 1 }
          content.append(bytes[position])
          position += 1
        }
        guard position < bytes.count else { return nil }
        position += 1
      } else {
        while position < bytes.count, ByteSet.token.contains(bytes[position]) {
          content.append(bytes[position])
          position += 1
        }
        guard !content.isEmpty else { return nil }
      }
      skipSpace()
      guard parameters.updateValue(String(decoding: content, as: UTF8.self), forKey: name) == nil else {
        return nil
      }
    }
    return (value, parameters)
  }
}
