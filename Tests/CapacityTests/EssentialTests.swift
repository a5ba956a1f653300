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

  /// What follows from the base, the network or `"auto"` is left out of candidates, and nothing that decides on one of them.
  @Test(arguments: [
    (
      #"{"kind": "linear"}"#, #"{"optimizer": {"kind": "adam", "learning_rate": 0.0032}}"#,
      #"[{}, {"/model": {"kind": "cnn", "channels": [4], "hidden": []}}]"#,
      #""training": {"optimizer": {"learning_rate": 0.0032}}, "search": {"tune": [{}, {"/model": {"kind": "cnn", "channels": [4], "hidden": []}}]}"#
    ),
    (
      #"{"kind": "linear"}"#, "{}", #"{"/training/optimizer": [{"kind": "adam"}, {"kind": "sgd"}]}"#,
      #""search": {"tune": [{"/training/optimizer": {}}, {"/training/optimizer": {"kind": "sgd"}}]}"#
    ),
    (
      #"{"kind": "linear"}"#, "{}",
      #"[{"/training/optimizer/kind": "adamw"}, {"/training/optimizer/kind": "gradient_descent"}]"#,
      #""search": {"tune": [{"/training/optimizer": {"kind": "adamw"}}, {"/training/optimizer": {"kind": "gradient_descent"}}]}"#
    ),
    (
      #"{"kind": "linear"}"#, #"{"optimizer": {"kind": "sgd", "learning_rate": "auto"}}"#, "[]",
      #""training": {"optimizer": {"kind": "sgd", "learning_rate": "auto"}}"#
    ),
  ]) func whatFollowsIsLeftOutOfCandidates(
    _ model: String, _ training: String, _ tune: String, _ essential: String
  ) throws {
    let network = #""dataset": {"name": "mnist"}, "model": \#(model)"#
    let search = tune == "[]" ? "{}" : #"{"tune": \#(tune)}"#
    let admission = try admission(#"{\#(network), "training": \#(training), "search": \#(search)}"#)
    let shortest = self.essential(admission)
    #expect(shortest == (try JSONValue(parsing: "{\(network), \(essential)}".utf8)), "\(shortest.text())")
    #expect(try self.admission(shortest.text()).specification == admission.specification)
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
      // 784 pixels: 0.09 / 28.
      (
        #""training": {"optimizer": {"kind": "adamw", "learning_rate": 0.0032}}"#,
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
