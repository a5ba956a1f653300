import Capacity
import Foundation
import Testing

/// RFC 8259's grammar as a table: what must pass and what must not, after the cases of the JSON test suite.
@Suite struct JSONSyntaxTests {
  @Test(arguments: [
    ("0", JSONValue.integer(0)), ("-0", .integer(0)), ("-1", .integer(-1)), ("10", .integer(10)),
    ("2.0", .integer(2)), ("1E3", .integer(1000)), ("1.5e+1", .integer(15)), ("-12.5", .number(-12.5)),
    ("1e-2", .number(0.01)), ("0e1", .integer(0)), ("0.1", .number(0.1)),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1e-400", .integer(0)),
    ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
    ("null", .null), ("true", .bool(true)), ("false", .bool(false)),
    (#""""#, .string("")), (#""a\/b""#, .string("a/b")),
    (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{c}\n\r\t")),
    (#""\u0041\u00e9\u20AC""#, .string("Aé€")), (#""\uD83D\uDe00""#, .string("😀")),
    (#""\u0000""#, .string("\0")),
    (#""\uFFFF\u2028""#, .string("\u{FFFF}\u{2028}")), ("\"\u{7F}\"", .string("\u{7F}")),
    ("\"é😀\u{2028}\"", .string("é😀\u{2028}")),
    ("[]", .array([])), ("[ ]", .array([])), ("[1,2]", .array([.integer(1), .integer(2)])),
    ("[[],[[]]]", .array([.array([]), .array([.array([])])])), ("[null]", .array([.null])),
    ("{}", .object([:])), (#"{"a":1}"#, .object(["a": .integer(1)])),
    (#"{"":{"":0}}"#, .object(["": .object(["": .integer(0)])])),
    (#"{"a":1,"A":2}"#, .object(["a": .integer(1), "A": .integer(2)])),
    (" \t\r\n[ 1 , 2 ] \n", .array([.integer(1), .integer(2)])), ("\u{FEFF}1", .integer(1)),
  ])
  func whatTheGrammarHasPasses(_ text: String, _ value: JSONValue) throws {
    #expect(try JSONValue(parsing: text.utf8) == value)
  }

  /// Line, column, and a part of what is said.
  @Test(arguments: [
    ("", 1, 1, "a value was expected, found the end of the text"), (" ", 1, 2, "a value was expected"),
    ("nul", 1, 1, "found nul"), ("True", 1, 1, "found True"), ("NaN", 1, 1, "found NaN"),
    ("-Infinity", 1, 2, "a digit was expected after the minus sign, found Infinity"), ("+1", 1, 1, "found +"),
    (".5", 1, 1, "found ."), ("1.", 1, 3, "after the decimal point"),
    ("1.e2", 1, 3, "after the decimal point"),
    ("1e", 1, 3, "in the exponent"), ("1e+", 1, 4, "in the exponent"), ("01", 1, 1, "no leading zero"),
    ("-01", 1, 2, "no leading zero"), ("- 1", 1, 2, "after the minus sign"),
    ("0x1", 1, 2, "the end of the text was expected, found x1"),
    ("1 2", 1, 3, "the end of the text was expected, found 2"), ("1_000", 1, 2, "found _000"),
    ("1e400", 1, 1, "the number 1e400 is too large"), ("-1e400", 1, 1, "the number -1e400 is too large"),
    ("[1,]", 1, 4, "a value after the comma was expected, found ]"),
    ("[1,,2]", 1, 4, "a value was expected, found ,"),
    ("[,1]", 1, 2, "a value was expected, found ,"),
    ("[1 2]", 1, 4, "a comma or ] after the array's element was expected, found 2"),
    ("[1", 1, 3, "found the end of the text"), ("[", 1, 2, "found the end of the text"),
    ("]", 1, 1, "found ]"),
    ("[1}", 1, 3, "found }"), ("[1\n,2\n,,]", 3, 2, "found ,"), ("[\r\n\r\n  x]", 3, 3, "found x"),
    ("[\r\r x]", 3, 2, "found x"),
    ("[1]]", 1, 4, "the end of the text"), ("[1],", 1, 4, "the end of the text"),
    (#"{"a":1,}"#, 1, 8, "a member's name in double quotation marks after the comma was expected, found }"),
    (#"{"a":1,,"b":2}"#, 1, 8, "found ,"),
    (#"{a:1}"#, 1, 2, "in double quotation marks, or } was expected, found a"),
    (#"{'a':1}"#, 1, 2, "found '"),
    (#"{"a" 1}"#, 1, 6, "a colon after the member's name was expected, found 1"),
    (#"{"a"}"#, 1, 5, "a colon"), (#"{"a":}"#, 1, 6, "a value was expected, found }"),
    (#"{"a":1 "b":2}"#, 1, 8, "a comma or }"),
    (#"{1:1}"#, 1, 2, "found 1"), (#"{"a":1"#, 1, 7, "found the end of the text"),
    (#"{"é":'x'}"#, 1, 6, "double quotation marks"),
    (#"{"a":1,"b":2,"a":3}"#, 1, 14, #"the member "a" stands twice"#),
    ("{\"a\":1,\n \"\\u0061\":2}", 2, 2, #"the member "a" stands twice"#),
    (#"{"a":{"b":1,"b":1}}"#, 1, 13, #"the member "b" stands twice"#),
    ("{\"\u{E9}\":1,\"e\u{301}\":2}", 1, 8, "stands twice"),
    (#""a"#, 1, 3, "the text ends within a string"), (#""\"#, 1, 3, "the text ends within a string"),
    ("\"a\nb\"", 1, 3, "a line break stands in a string; \\n was expected"),
    ("\"a\tb\"", 1, 3, "a tab stands in a string; \\t was expected"),
    ("\"a\u{1}b\"", 1, 3, "the control character U+0001"),
    ("\"a\0b\"", 1, 3, "the control character U+0000"), (#""\a""#, 1, 3, "was expected after \\, found a"),
    (#""\x41""#, 1, 3, "found x41"),
    (#""\u12""#, 1, 6, "four hexadecimal digits"), (#""\u00G0""#, 1, 6, "four hexadecimal digits"),
    (#""\U0041""#, 1, 3, "found U0041"),
    (#""\ud800""#, 1, 2, #"\ud800 is half of a surrogate pair; \udc00 to \udfff was expected after it"#),
    (#""\ud800\n""#, 1, 2, "half of a surrogate pair"),
    (#""\ud800\ud800""#, 1, 2, "half of a surrogate pair"),
    (#""ab\udc00""#, 1, 4, #"\udc00 is half of a surrogate pair; \ud800 to \udbff was expected before it"#),
    ("[1] // one", 1, 5, "found /"), ("/* */ 1", 1, 1, "found /"),
    ("[1\u{C}]", 1, 3, "found the character U+000c"),
    ("[\u{A0}1]", 1, 2, "found the character U+00a0"), ("\u{FEFF}[x]", 1, 2, "found x"),
    ("[\u{2060}]", 1, 2, "a value was expected"),
  ])
  func whatItHasNotIsRefusedWithItsPlace(_ text: String, _ line: Int, _ column: Int, _ says: String) {
    do throws(JSONSyntaxError) {
      let value = try JSONValue(parsing: text.utf8)
      Issue.record("\(text) passes as \(value.text())")
    } catch {
      #expect(error.line == line && error.column == column && !error.exceedsLimits, "\(error)")
      #expect(error.problem.contains(says), "\(error)")
      #expect(error.description.contains("line \(line), column \(column)"))
      for name in ["Swift", "Double", "Int", "Decod", "Foundation", "Optional", "JSONValue"] {
        #expect(!error.description.contains(name), "\(error)")
      }
    }
  }

  @Test(
    arguments: [
      ([0x22, 0xFF, 0x22], 2), ([0x22, 0x61, 0xC3, 0x22], 3), ([0x22, 0xC0, 0xAF, 0x22], 2),
      ([0x22, 0xED, 0xA0, 0x80, 0x22], 2), ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 2), ([0xFF], 1),
      ([0x5B, 0x80, 0x5D], 2),
      ([0x22, 0x5C, 0x6E, 0xE2, 0x82, 0x22], 4), (Array("{\"é\u{20AC}".utf8) + [0xFE, 0x22], 5),
      ([0xFF, 0xFE, 0x5B, 0x00], 1), ([0x00, 0x5B], 1), ([0x5B, 0x00, 0x5D, 0x00], 1), ([0xEF, 0xBB], 1),
    ] as [([UInt8], Int)])
  func bytesThatAreNotUTF8AreRefused(_ bytes: [UInt8], _ column: Int) {
    let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: bytes) }
    #expect(error?.column == column && error?.line == 1, "\(String(describing: error))")
  }

  @Test func depthAndCountOfValuesAreBounded() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    let limits = JSONLimits(depth: 20, values: 50)
    _ = try JSONValue(parsing: nested(20).utf8, limits: limits)
    for text in [
      nested(21), String(repeating: #"{"a":"#, count: 21), String(repeating: "[", count: 1_000_000),
    ] {
      let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text.utf8, limits: limits) }
      #expect(error?.exceedsLimits == true && error?.problem.contains("20 levels") == true)
    }
    // Brothers are no levels.
    _ = try JSONValue(
      parsing: "[\(Array(repeating: "[]", count: 49).joined(separator: ","))]".utf8, limits: limits)
    let many = "[\(Array(repeating: "1", count: 50).joined(separator: ","))]"
    let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: many.utf8, limits: limits) }
    #expect(error?.exceedsLimits == true && error?.problem.contains("more than 50 values") == true)
  }

  @Test func textsOfPeopleAreRefusedInPlainWords() throws {
    let folder = try #require(Bundle.module.resourceURL).appending(path: "Fixtures/json")
    for (name, says) in [
      ("dup_key", #"line 1, column 11: the member "seed" stands twice"#),
      ("trailing_comma", "line 1, column 159: a member's name in double quotation marks after the comma"),
      ("huge", "line 1, column 9: the number 1e400 is too large"),
    ] {
      let text = try Data(contentsOf: folder.appending(path: "\(name).json"))
      let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
      #expect(error?.description.contains(says) == true, "\(String(describing: error))")
    }
  }
}
