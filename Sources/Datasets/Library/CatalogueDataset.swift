import Compute

/// A published or a generated data set with its options.
public struct CatalogueDataset: Sendable, Hashable, CustomStringConvertible {
  let definition: any DatasetDefinition

  init(_ definition: some DatasetDefinition) { self.definition = definition }

  /// With the values that its options have where none are given, or the first that are allowed.
  init(defaultsOf type: any DatasetDefinition.Type) {
    definition = type.init(type.options.reduce(into: OptionValues()) { $0[$1.name] = $1.firstValue })
  }

  /// The data set of a name with the values that `values` has for its options; nil where the catalogue has none of that name.
  package init?(named name: String, values: ([OptionDeclaration]) -> OptionValues) {
    guard let type = Catalogue.definition(named: name) else { return nil }
    definition = type.init(values(type.options))
  }

  /// The name in specifications.
  public var name: String { type(of: definition).entry.name }
  package var options: [OptionDeclaration] { type(of: definition).options }
  /// One value for each of its options.
  package var values: OptionValues { definition.values }
  /// An option whose value there is no data for.
  package var conflict: OptionConflict? { definition.conflict }
  /// Shape, classes and counts with these options, as far as they are known before it is opened.
  package var facts: DatasetFacts { definition.facts }

  /// Opens it once its options are allowed.
  func open(in library: DatasetLibrary, _ control: FetchControl) throws(DatasetError) -> any Dataset {
    for option in options where !option.allows(values[option.name]) {
      throw .invalidOption(
        option: option.name, value: values[option.name]?.description ?? "", allowed: option.allowed)
    }
    if let conflict {
      throw .invalidOption(
        option: conflict.option, value: values[conflict.option]?.description ?? "", allowed: conflict.allowed)
    }
    return try definition.open(in: library, control)
  }

  /// Data sets are equal that have one name and equal values.
  public static func == (a: CatalogueDataset, b: CatalogueDataset) -> Bool {
    a.name == b.name && a.values == b.values
  }

  /// By name and values.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(values)
  }

  /// The name with the values.
  public var description: String {
    let values = options.map { option in "\(option.name) \(self.values[option.name]?.description ?? "")" }
    return values.isEmpty ? name : "\(name) (\(values.joined(separator: ", ")))"
  }
}
