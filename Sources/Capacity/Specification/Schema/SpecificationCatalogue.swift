import Datasets
import Networks
import Training

/// What a specification may be, as JSON Schema, made of what its decoder asks for: there is no second list to keep in step.
package enum SpecificationCatalogue {
  /// A kind of model, optimizer or search with the schema of its options.
  package struct Item: Sendable {
    /// Its name in documents.
    package let kind: String
    /// What it is, in a line.
    package let description: String
    /// Its options with their ranges and defaults.
    package let schema: JSONValue

    /// As the API lists it.
    package var json: JSONValue {
      .object([
        "kind": .string(kind), "description": .string(description), "schema": schema,
      ])
    }
  }

  /// The kinds of `model`.
  package static let models = Architecture.summaries.map { kind, summary in
    item(kind, summary, at: "/model", member: "kind")
  }

  /// The kinds of `training.optimizer`.
  package static let optimizers = OptimizerKind.all.map { optimizer in
    item(optimizer.name, optimizer.summary, at: "/training/optimizer", member: "kind")
  }

  /// The strategies of `search`.
  package static let searches = SearchSettings.summaries.map { strategy, summary in
    item(strategy, summary, at: "/search", member: "strategy")
  }

  /// The options of a data set of the catalogue; nil where no client's document can name it.
  package static func dataset(_ name: String) -> JSONValue? { datasets[name] }

  private static let datasets: [String: JSONValue] = Dictionary(
    uniqueKeysWithValues: catalogueNames.map { ($0, schema(of: $0, at: "/dataset", member: "name")) })

  /// The whole of a specification.
  package static let specification: JSONValue = {
    guard case .object(var members) = explorer.schema(),
      case .object(var properties)? = members["properties"],
      case .object(var dataset)? = properties["dataset"]
    else { preconditionFailure("a specification has a data set") }
    dataset["oneOf"] = .array((dataset["oneOf"]?.arrayValue ?? []) + [addedDataset])
    properties["dataset"] = .object(dataset)
    members["properties"] = .object(properties)
    members["$schema"] = .string("https://json-schema.org/draft/2020-12/schema")
    members["title"] = .string("Specification of a measurement")
    return .object(members)
  }()

  private static let catalogueNames = Catalogue.entries.filter { $0.kind != .files }.map(\.name)

  /// Reads whatever of a specification is read the same for every data set.
  private static let explorer = SchemaExplorer { reader in
    _ = MeasurementSpecification.name(reading: reader)
    _ = JobOptions(reading: reader.object("job"))
    if reader.has("dataset") {
      let dataset = reader.object("dataset")
      let name = dataset.kind("name", of: catalogueNames)
      _ = CatalogueDataset(named: name, reading: dataset)
    } else {
      reader.fault("dataset", allowed: "an object", FaultCollector.missing)
    }
    var experiment = Experiment(reading: reader, dataset: SpecifiedDataset(.mnist), facts: nil)
    _ = SearchSettings(reading: reader.object("search"), of: &experiment, sampleLimit: nil)
    _ = MeasurementLimits(reading: reader.object("limits"))
    _ = GeneralizationSettings(reading: reader, facts: nil, sampleLimit: nil)
  }

  /// A data set that a user has added, as documents name it.
  private static let addedDataset: JSONValue = {
    let explorer = SchemaExplorer { reader in
      _ = reader.string("name", allowed: "the name of a data set that was added") { !$0.isEmpty }
      if reader.has("digest") { _ = reader.digest("digest") }
    }
    guard case .object(var members) = explorer.schema() else { preconditionFailure("a schema is an object") }
    // The catalogue's names stand for the catalogue's.
    members["not"] = .object([
      "properties": .object(["name": .object(["enum": .array(catalogueNames.map(JSONValue.string))])])
    ])
    return .object(members)
  }()

  private static func item(_ kind: String, _ summary: String, at pointer: String, member: String) -> Item {
    Item(kind: kind, description: summary, schema: schema(of: kind, at: pointer, member: member))
  }

  private static func schema(of kind: String, at pointer: String, member: String) -> JSONValue {
    explorer.schema(at: pointer, in: .object([:]).setting("\(pointer)/\(member)", to: .string(kind)))
  }
}
