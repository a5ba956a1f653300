import Capacity
import Testing

/// The shortest document that says the same.
@Suite struct EssentialTests {
  private func admission(_ text: String) throws -> Admission {
    try Admission(json: JSONValue(parsing: text.utf8))
  }

  private func essential(_ admission: Admission) -> JSONValue {
    admission.specification.essential(on: admission.terms.form)
  }

  @Test func itSaysTheSameAndNothingOfItCanGo() throws {
    for document in OptionRangeTests.documents {
      let admission = try admission(document.text)
      let whole = admission.specification
      let essential = essential(admission)
      #expect(try self.admission(essential.text()).specification == whole, "\(document.name)")
      #expect(essential.text().utf8.count <= whole.json.text().utf8.count / 2, "\(document.name)")
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
      // 784 pixels: 0.08 / 28.
      (
        #""training": {"optimizer": {"kind": "adamw", "learning_rate": 0.0029}}"#,
        #""training": {"optimizer": {"kind": "adamw"}}"#
      ),
      (
        #""training": {"optimizer": {"kind": "adam", "learning_rate": 0.005}}"#,
        #""training": {"optimizer": {"learning_rate": 0.005}}"#
      ),
    ] {
      let model = #""dataset": {"name": "mnist"}, "model": {"kind": "linear"}"#
      #expect(
        try self.essential(admission("{\(model), \(said)}"))
          == JSONValue(parsing: "{\(model), \(essential)}".utf8))
    }
  }
}
