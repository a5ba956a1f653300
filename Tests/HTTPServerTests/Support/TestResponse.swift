import Foundation

/// A response taken apart by its text: status, fields and content.
struct TestResponse: Sendable {
  let status: Int
  let fields: [(name: String, value: String)]
  let content: String

  subscript(name: String) -> String? {
    fields.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// The complete responses at the start of a text. Those whose header names no length have no content.
  static func all(in text: String) -> [TestResponse] {
    var responses: [TestResponse] = []
    var rest = Array(text.utf8)[...]
    while let (response, after) = first(in: rest) {
      responses.append(response)
      rest = after
    }
    return responses
  }

  private static func first(in bytes: ArraySlice<UInt8>) -> (TestResponse, ArraySlice<UInt8>)? {
    guard let end = Data(bytes).range(of: Data("\r\n\r\n".utf8)) else { return nil }
    let head = String(decoding: bytes.prefix(end.lowerBound), as: UTF8.self)
    let lines = head.components(separatedBy: "\r\n")
    let fields = lines.dropFirst().map { line -> (name: String, value: String) in
      let parts = line.split(separator: ":", maxSplits: 1)
      return (String(parts[0]), parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
    }
    let length = fields.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
    let content = bytes.dropFirst(end.upperBound)
    guard content.count >= length, let status = Int(lines[0].split(separator: " ")[1]) else { return nil }
    let text = String(decoding: content.prefix(length), as: UTF8.self)
    return (TestResponse(status: status, fields: fields, content: text), content.dropFirst(length))
  }
}
