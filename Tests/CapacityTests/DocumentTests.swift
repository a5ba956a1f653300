import Capacity
import Datasets
import Foundation
import Testing
import Training

/// `README.md` and `docs/`: what they say of specifications holds.
@Suite struct DocumentTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func text(_ name: String) throws -> String {
    try String(contentsOf: root.appending(path: name), encoding: .utf8)
  }

  private static let names: [String] = {
    let docs = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "docs").path)) ?? []
    return ["README.md", "CONTRIBUTING.md", "SECURITY.md"]
      + docs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/" + $0 }
  }()

  @Test func theReadmeIsShort() throws {
    #expect(try Self.text("README.md").split(separator: "\n", omittingEmptySubsequences: false).count <= 160)
  }

  /// Links within the repository lead somewhere.
  @Test(arguments: names) func linksLeadSomewhere(_ name: String) throws {
    let folder = Self.root.appending(path: name).deletingLastPathComponent()
    for match in try Self.text(name).matches(of: /\]\(([^)#]+)(?:#[^)]*)?\)/) {
      let target = String(match.1)
      guard !target.contains("://"), !target.hasPrefix("mailto:") else { continue }
      #expect(
        FileManager.default.fileExists(atPath: folder.appending(path: target).path), "\(name): \(target)")
    }
  }

  @Test func theSpecificationsExampleIsOne() throws {
    let text = try Self.text("docs/specification.md")
    let example = try #require(text.firstMatch(of: /(?s)```json\n(.*?)```/)).1
    let specification = try MeasurementSpecification(json: JSONValue(parsing: example.utf8))
    #expect(specification.experiment.training.maxSteps == 20_000)
  }

  private func specification(_ members: String) throws -> JSONValue {
    try MeasurementSpecification(
      json: JSONValue(
        parsing: #"{"dataset": {"name": "mnist"}, "model": {"kind": "mlp"}\#(members)}"#.utf8)
    ).json
  }

  /// Defaults that stand in brackets are those that a specification gets.
  @Test func defaultsAreThoseOfTheProgram() throws {
    let text = try Self.text("docs/specification.md")
    let plain = try specification("")
    func value(_ json: JSONValue, _ path: String) throws -> String {
      let found = path.split(separator: "/").reduce(json as JSONValue?) { $0?[String($1)] }
      return try #require(found, "no \(path)").text()
    }
    let training = [
      ("batch_size", "samples a step [%]"), ("max_steps", "the guard [%]"),
      ("optimizer/learning_rate", "(% for MNIST's 784 pixels; "),
      ("optimizer/beta1", "`beta1` %, "),
      ("convergence/gradient_norm", "`gradient_norm` τ [%]"),
      ("convergence/loss_change", "`loss_change` [%]"),
      ("convergence/loss_window", "`loss_window` steps [%]"),
      ("convergence/negative_curvature", "`negative_curvature` ε [%]"),
    ]
    for (path, form) in training {
      let written = form.replacing("%", with: try value(plain, "training/" + path))
      #expect(text.contains(written), "\(written)")
    }
    let searches: [(strategy: String, options: [String])] = [
      ("adaptive", ["relative_width", "max_probes", "probes_per_round"]),
      ("bisect", ["relative_tolerance", "replicates"]), ("increment", ["replicates"]),
    ]
    for search in searches {
      let json = try specification(#", "search": {"strategy": "\#(search.strategy)"}"#)
      let row = try #require(text.split(separator: "\n").first { $0.hasPrefix("| `\(search.strategy)`") })
      for option in search.options {
        let written = "`\(option)` [\(try value(json, "search/" + option))]"
        #expect(row.contains(written), "\(search.strategy): \(written)")
      }
    }
    for (name, written) in [("level", "of intervals [%]"), ("initial_samples", "but of `grid` [%]")] {
      let expected = written.replacing("%", with: try value(plain, "search/" + name))
      #expect(text.contains(expected), "\(expected)")
    }
  }

  @Test func everyOptimizerAndDataSetIsNamed() throws {
    let text = try Self.text("docs/specification.md")
    for name in OptimizerKind.all.map({ $0.name }) + Catalogue.names.sorted() {
      #expect(text.contains("`\(name)`"), "\(name)")
    }
    // The row that begins with a data set's name has its options.
    for name in Catalogue.names {
      guard case .object(let options)? = SpecificationCatalogue.dataset(name)?["properties"] else { continue }
      let row = try #require(
        text.split(separator: "\n").first { row in
          row.split(separator: "|").first.map { $0.contains("`\(name)`") } ?? false
        })
      for option in options.keys where option != "name" { #expect(row.contains("`\(option)`"), "\(name)") }
    }
  }
}
