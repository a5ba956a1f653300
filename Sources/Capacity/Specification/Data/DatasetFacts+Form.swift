import Datasets

extension DatasetFacts {
  /// Shape and classes, which decide on the network.
  package var form: DataForm { DataForm(shape: shape, classes: classes) }
}

extension CatalogueDataset {
  /// What it holds: as it was opened, or as the catalogue says where it isn't here yet or has no end.
  func facts(of opened: (any Dataset)?) -> DatasetFacts {
    guard let opened, opened.count != nil else { return facts }
    return DatasetFacts(opened)
  }
}
