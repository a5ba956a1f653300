import Capacity
import Foundation
import Testing

/// What is written is addressed by its digest, so it must never change. Oracles: recorded texts, and the
/// encoder of Foundation, which wrote them before.
@Suite struct JSONTextTests {
  /// What was written is read as what it was: 1.0 is written as 1. Beyond 2⁵³ a number is no neighbour's.
  @Test func aTreeEqualsWhatItsTextSays() throws {
    let tree = JSONValue.object([
      "a": .array([.number(1), .number(0.5), .integer(3), .number(-0.0)]), "b": .number(1e15),
    ])
    let read = try JSONValue(parsing: tree.utf8())
    #expect(read == tree && Set([read, tree]).count == 1)
    #expect(read["a"]?.arrayValue?.first == .integer(1))
    #expect(JSONValue.number(1.5) != .integer(1) && JSONValue.integer(1) != .bool(true))
    let large = 1 << 53
    #expect(JSONValue.number(Double(large)) == .integer(large))
    #expect(JSONValue.number(Double(large)) != .integer(large + 1))
    #expect(JSONValue.number(9.3e18) != .integer(.max))
  }

  private struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let mixed = (state ^ (state >> 29)) &* 0xBF58_476D_1CE4_E5B9
      return mixed ^ (mixed >> 32)
    }

    mutating func text() -> String {
      let alphabets: [ClosedRange<UInt32>] = [
        0...0x7F, 0x20...0x7E, 0x80...0x2FF, 0x2000...0x206F, 0xFB00...0xFFFD, 0x1F600...0x1F6FF,
      ]
      let alphabet = alphabets.randomElement(using: &self)!
      let scalars = (0..<Int.random(in: 0...6, using: &self)).compactMap { _ in
        Unicode.Scalar(UInt32.random(in: alphabet, using: &self))
      }
      return String(String.UnicodeScalarView(scalars))
    }

    mutating func number() -> Double {
      switch Int.random(in: 0..<4, using: &self) {
      case 0: Double(Int.random(in: -1000...1000, using: &self)) / 8
      case 1: Double.random(in: -1...1, using: &self)
      case 2: Double(bitPattern: next())
      default: Double(Float(bitPattern: UInt32.random(in: 0 ... .max, using: &self)))
      }
    }

    mutating func value(_ depth: Int = 0) -> JSONValue {
      switch Int.random(in: 0..<(depth > 4 ? 5 : 8), using: &self) {
      case 0: .null
      case 1: .bool(Bool.random(using: &self))
      case 2: .integer(Int(truncatingIfNeeded: next()) >> Int.random(in: 0..<64, using: &self))
      case 3: .finite(number())
      case 4: .string(text())
      case 5: .array((0..<Int.random(in: 0...4, using: &self)).map { _ in value(depth + 1) })
      default:
        .object(
          Dictionary(
            (0..<Int.random(in: 0...6, using: &self)).map { _ in (text(), value(depth + 1)) },
            uniquingKeysWith: { first, _ in first }))
      }
    }
  }

  @Test func recordedDocumentsHaveTheSameTextsAsEver() throws {
    let folder = try #require(Bundle.module.resourceURL).appending(path: "Fixtures/json")
    func lines(_ name: String) throws -> [Substring] {
      try String(contentsOf: folder.appending(path: name), encoding: .utf8).split(separator: "\n")
    }
    let documents = try lines("documents.ndjson")
    let texts = try lines("texts.ndjson")
    #expect(documents.count == texts.count && documents.count > 8)
    for (document, text) in zip(documents, texts) {
      let value = try JSONValue(parsing: document.utf8)
      #expect(Array(value.text().utf8) == Array(text.utf8))
      #expect(value.utf8() == Array(text.utf8))
      #expect(try JSONValue(parsing: text.utf8) == value)
    }
  }

  @Test func randomTreesHaveFoundationsTextAndReadBack() throws {
    var random = Random(state: 11)
    let encoder = JSONEncoder()
    for round in 0..<2_000 {
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      if round % 3 == 0 { encoder.outputFormatting.insert(.prettyPrinted) }
      let value = JSONValue.array([random.value()])
      let text = value.utf8(pretty: round % 3 == 0)
      #expect(text == Array(try encoder.encode(value)), "\(String(decoding: text, as: UTF8.self))")
      #expect(try JSONValue(parsing: text).utf8() == JSONValue(parsing: value.utf8()).utf8())
    }
  }

  @Test func numbersAreReadAsTheNearestDouble() throws {
    var random = Random(state: 5)
    for _ in 0..<20_000 {
      let digits = String(random.next() >> UInt64.random(in: 0..<60, using: &random))
      let point = Int.random(in: 1...digits.count, using: &random)
      var text = digits.prefix(point) + (point < digits.count ? "." + digits.dropFirst(point) : "")
      if Bool.random(using: &random) { text += "e\(Int.random(in: -40...40, using: &random))" }
      let number = try JSONValue(parsing: text.utf8).doubleValue
      // The C library's conversion rounds correctly too.
      #expect(number == strtod(String(text), nil), "\(text)")
    }
  }

  /// Foundation's parser as the oracle of what is JSON, on texts that are almost so. Where it is laxer than
  /// the grammar (trailing commas, repeated members, other encodings, half pairs), it isn't asked.
  @Test func damagedTextsNeitherCrashNorPassWhereFoundationRefuses() throws {
    var random = Random(state: 3)
    let pieces: [[UInt8]] =
      [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "d800", "1", "-", ".", "e", "0", "null", "tru", " ",
        "\n", "é",
      ]
      .map { Array($0.utf8) } + [[0xFF], [0xC3], [0x00], [0xED, 0xA0, 0x80]]
    var refused = 0
    for _ in 0..<20_000 {
      var text = JSONValue.array([random.value()]).utf8()
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let start = Int.random(in: 0...text.count, using: &random)
        let end = min(text.count, start + Int.random(in: 0...2, using: &random))
        text.replaceSubrange(start..<end, with: pieces.randomElement(using: &random)!)
      }
      let value = try? JSONValue(parsing: text, limits: JSONLimits(depth: 30, values: 1_000))
      if value == nil {
        refused += 1
        let error = #expect(throws: JSONSyntaxError.self) {
          try JSONValue(parsing: text, limits: JSONLimits(depth: 30, values: 1_000))
        }
        #expect((error?.line ?? 0) >= 1 && (error?.column ?? 0) >= 1)
      } else {
        #expect(throws: Never.self) {
          try JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)
        }
      }
    }
    #expect(refused > 5_000 && refused < 20_000)
  }

  @Test func whatAnErrorRepeatsIsShort() {
    #expect(JSONValue.integer(7).excerpt() == .integer(7))
    #expect(JSONValue.string("short").excerpt() == .string("short"))
    let long = JSONValue.string(String(repeating: "e\u{301}", count: 100_000)).excerpt()
    #expect(
      long.stringValue?.unicodeScalars.count == 201
        && long.stringValue?.utf8.starts(with: "e\u{301}e\u{301}".utf8) == true)
    let large = JSONValue.array(Array(repeating: .integer(12), count: 100_000)).excerpt()
    #expect(large.stringValue?.hasPrefix("[12,12,") == true && large.utf8().count < 300)
  }
}
