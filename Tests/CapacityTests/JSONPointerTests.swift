import Capacity
import Testing

/// Places in a JSON tree, by the examples of RFC 6901 §5 and RFC 7396 appendix A.
@Suite struct JSONPointerTests {
  private static func tree(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

  @Test(arguments: [
    (#""#, #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"m~n":8}"#), ("/foo", #"["bar","baz"]"#),
    ("/foo/0", #""bar""#), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"), ("/m~0n", "8"),
  ])
  func placesOfTheStandardAreFound(_ text: String, _ expected: String) throws {
    let tree = try Self.tree(#"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"m~n":8}"#)
    let pointer = try #require(JSONPointer(text))
    #expect(pointer.description == text)
    #expect(tree.value(at: pointer) == (try Self.tree(expected)))
  }

  @Test(arguments: ["foo", "/a~", "/a~2", "~0"])
  func whatIsNoPointerIsRefused(_ text: String) { #expect(JSONPointer(text) == nil) }

  @Test(arguments: [
    (#"{"a":1}"#, "/b/c", "2", #"{"a":1,"b":{"c":2}}"#), (#"{"a":[1,2]}"#, "/a/1", "3", #"{"a":[1,3]}"#),
    (#"{"a":{"b":1,"c":2}}"#, "/a/b", "null", #"{"a":{"c":2}}"#), ("1", "", "2", "2"),
  ])
  func aValueTakesItsPlace(_ before: String, _ pointer: String, _ value: String, _ after: String) throws {
    let place = try #require(JSONPointer(pointer))
    #expect(try Self.tree(before).replacing(place, with: Self.tree(value)) == Self.tree(after))
  }

  @Test(arguments: [(#"{"a":1}"#, "/a/b"), (#"{"a":[1]}"#, "/a/1"), (#"{"a":[1]}"#, "/a/00"), ("[]", "/-")])
  func whatLeadsNowhereIsRefused(_ before: String, _ pointer: String) throws {
    let place = try #require(JSONPointer(pointer))
    #expect(try Self.tree(before).replacing(place, with: .integer(1)) == nil)
  }

  @Test(arguments: [
    (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
    (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#), (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
    (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#), ("[1]", "[2]", "[2]"),
    (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#), (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
    ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
    ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
  ])
  func patchesMergeAsTheStandardShows(_ target: String, _ patch: String, _ result: String) throws {
    #expect(try Self.tree(target).merging(Self.tree(patch)) == Self.tree(result))
  }
}
