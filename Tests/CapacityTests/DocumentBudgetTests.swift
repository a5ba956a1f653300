import Capacity
import Foundation
import Testing

/// An answer stays smaller than its question.
@Suite struct DocumentBudgetTests {
  private func error(_ text: String) throws -> SpecificationError {
    let value = try JSONValue(parsing: text.utf8)
    return try #require(throws: SpecificationError.self) { try MeasurementSpecification(json: value) }
  }

  private func size(_ error: SpecificationError) -> Int {
    JSONValue.array(error.faults.map(\.json)).utf8().count + error.description.utf8.count
  }

  @Test func aHundredFaultsAreListedAndAllAreCounted() throws {
    let unknown = (0..<20_000).map { "\"member_with_a_long_name_\($0)\": \($0)" }.joined(separator: ",")
    let text = "{\"dataset\": {\"name\": \"mnist\"}, \"model\": {\"kind\": \"linear\"}, \(unknown)}"
    let error = try error(text)
    #expect(error.faults.count == 100 && error.count == 20_000)
    #expect(error.description.hasSuffix("and 19900 more faults"))
    #expect(size(error) < 100_000)
  }

  @Test func largeValuesAndNamesAreShortened() throws {
    let long = String(repeating: "x", count: 500_000)
    let error = try error(
      "{\"dataset\": \"\(long)\", \"model\": {\"kind\": [\"\(long)\"]}, \"\(long)\": {\"\(long)\": 1}}")
    #expect(error.count >= 3 && size(error) < 10_000)
  }

  @Test func fewFaultsAreListedAsTheyAre() throws {
    let error = try error(
      "{\"dataset\": {\"name\": \"mnist\"}, \"model\": {\"kind\": \"linear\"}, \"seed\": -1}")
    #expect(error.count == 1 && error.faults.count == 1)
    #expect(error.description == "/seed (-1) is out of range; allowed: an integer from 0 to 9007199254740991")
  }

  @Test func namesAreMeasuredInCodePoints() throws {
    func document(_ name: String) -> JSONValue {
      .object([
        "name": .string(name), "dataset": .object(["name": .string("mnist")]),
        "model": .object(["kind": .string("linear")]),
      ])
    }
    // One letter for people, 201 code points for everybody else.
    for name in ["e" + String(repeating: "\u{301}", count: 200), String(repeating: "é", count: 201)] {
      let error = try #require(throws: SpecificationError.self) {
        try MeasurementSpecification(json: document(name))
      }
      #expect(error.faults.map(\.pointer) == ["/name"])
    }
    for name in ["e" + String(repeating: "\u{301}", count: 199), String(repeating: "😀", count: 200), "\r\n"] {
      #expect(try MeasurementSpecification(json: document(name)).name == name)
    }
    let folder = try #require(Bundle.module.resourceURL).appending(path: "Fixtures/json")
    let text = try Data(contentsOf: folder.appending(path: "zalgo_small.json"))
    let refused = try #require(throws: SpecificationError.self) {
      try MeasurementSpecification(json: JSONValue(parsing: text))
    }
    #expect(refused.faults.map(\.pointer).contains("/name"))
  }
}
