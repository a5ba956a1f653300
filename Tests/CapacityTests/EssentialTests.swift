import Capacity
import Testing

/// The shortest document that says the same.
@Suite struct EssentialTests {
  private func specification(_ text: String) throws -> MeasurementSpecification {
    try MeasurementSpecification(json: JSONValue(parsing: text.utf8))
  }

  @Test func itSaysTheSameAndNothingOfItCanGo() throws {
    for document in OptionRangeTests.documents {
      let whole = try specification(document.text)
      let essential = whole.essential
      #expect(try specification(essential.text()) == whole, "\(document.name)")
      #expect(whole.essential.text().utf8.count <= whole.json.text().utf8.count / 2, "\(document.name)")
    }
  }

  /// By hand. Defaults that depend on other members are none where they are what those say.
  @Test func whatIsUsualIsLeftOut() throws {
    for (said, essential) in [
      (
        #""labels": {"kind": "original"}, "training": {"max_steps": 4000, "schedule": {"warmup_steps": 200}}, "seed": 1"#,
        #""training": {"max_steps": 4000}"#
      ),
      (
        #""training": {"max_steps": 4000, "schedule": {"warmup_steps": 100}}"#,
        #""training": {"max_steps": 4000, "schedule": {"warmup_steps": 100}}"#
      ),
      (
        #""training": {"optimizer": {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9}}"#,
        #""training": {"optimizer": {"kind": "sgd", "learning_rate": 0.1}}"#
      ),
      (
        #""training": {"optimizer": {"kind": "adamw"}, "regularization": {"decoupled_weight_decay": 0.01}}"#,
        #""training": {"optimizer": {"kind": "adamw"}}"#
      ),
    ] {
      let model = #""dataset": {"name": "mnist"}, "model": {"kind": "linear"}"#
      #expect(
        try specification("{\(model), \(said)}").essential
          == JSONValue(parsing: "{\(model), \(essential)}".utf8))
    }
  }
}
