import Datasets
import Foundation

/// What a document's `dataset` is found to be when it is admitted.
struct DatasetFinding {
  let dataset: SpecifiedDataset
  /// What it holds; nil where it isn't known which one is meant.
  let facts: DatasetFacts?
  /// The content; nil where it isn't here yet.
  var digest: String? { opened?.digest ?? dataset.digest }
  private let opened: (any Dataset)?
  private let resolver: DatasetResolver
  private let pointer: String

  /// The generated and the published data sets.
  private static let catalogueNames = names(of: .generated) + names(of: .published)
  /// Files of this machine.
  private static let fileNames = names(of: .files)

  private static func names(of kind: CatalogueEntry.Kind) -> [String] {
    Catalogue.entries.filter { $0.kind == kind }.map(\.name)
  }

  /// Reads `dataset`: an entry of the catalogue with its options, an added data set, or files.
  init(reading reader: ObjectReader, required: Bool, datasets: DatasetResolver) {
    resolver = datasets
    pointer = reader.pointer
    // Where nothing is asked for at all, the one fault is that the data set is missing.
    guard required else {
      reader.faults.add(
        reader.pointer, nil, allowed: "an object such as {\"name\": \"mnist\"}", FaultCollector.missing)
      (dataset, facts, opened) = (SpecifiedDataset(.mnist), nil, nil)
      return
    }
    let name = reader.string("name", allowed: Self.allowedNames(datasets)) { !$0.isEmpty }
    let found: (dataset: SpecifiedDataset, facts: DatasetFacts, opened: (any Dataset)?)?
    if let name, Self.fileNames.contains(name) {
      found = Self.files(name, reader, datasets)
    } else if let name, !Self.catalogueNames.contains(name) {
      found = Self.added(name, reader, datasets)
    } else {
      found = CatalogueDataset(named: name, reading: reader).map { entry in
        let reference = DatasetReference.catalogue(entry)
        // Options that are at fault stand for others here.
        let isFaulty = reader.faults.concerns(reader.pointer)
        let opened = isFaulty ? nil : datasets.openIfHere(reference)
        return (SpecifiedDataset(reference), entry.facts(of: opened), opened)
      }
    }
    // What else stands there can't be judged without knowing which data set is meant.
    if found == nil { reader.acceptRest() }
    reader.finish()
    (dataset, facts, opened) = (found?.dataset ?? SpecifiedDataset(.mnist), found?.facts, found?.opened)
  }

  /// The largest subset that can be drawn of its training split, as far as is known.
  func sampleLimit(of data: DataSpecification, _ faults: FaultCollector) -> Int? {
    guard let facts else { return nil }
    guard data.sampling == .balanced, let digest else { return facts.trainingSamples }
    do throws(DatasetError) {
      let content = if let opened { opened } else { try resolver.open(digest: digest) }
      let limit = try data.sampleLimit(of: content)
      guard limit > 0 else {
        faults.add("/subset/sampling", .string("balanced"), allowed: "uniform", "finds no class with samples")
        return nil
      }
      return min(limit, facts.trainingSamples)
    } catch {
      faults.add(
        pointer + "/name", .string(dataset.reference.name), allowed: "a data set that can be opened",
        "can't be opened: \(error.withoutPaths)")
      return nil
    }
  }

  private static func allowedNames(_ datasets: DatasetResolver) -> String {
    var text = "one of " + catalogueNames.joined(separator: ", ")
    if datasets.documents == .operators {
      text += "; the files \(fileNames.joined(separator: ", ")) with their path"
    }
    text += "; or a data set that was added with emc datasets add or POST /v1/datasets"
    let examples = datasets.examples
    return examples.isEmpty ? text : text + " (here: \(examples.joined(separator: ", ")))"
  }

  private static func added(
    _ name: String, _ reader: ObjectReader, _ datasets: DatasetResolver
  ) -> (SpecifiedDataset, DatasetFacts, (any Dataset)?)? {
    var digest: String?
    if reader.has("digest") {
      digest = reader.digest("digest")
      guard digest != nil else { return nil }
    }
    do throws(DatasetError) {
      switch try datasets.find(name, digest: digest) {
      case .found(let digest, let facts):
        return (SpecifiedDataset(.stored(name: name), digest: digest), facts, nil)
      case .changed(let current):
        reader.fault(
          "digest", allowed: "\(current), or no digest",
          "is not the content that \(name) has here: it was removed and another was added under its name")
      case .missing:
        let content = digest.map { " with the digest \($0)" } ?? ""
        reader.fault(
          "name", allowed: allowedNames(datasets),
          digest == nil ? "is no data set that is known here" : "names no data set\(content) on this machine")
      }
    } catch {
      let reason = datasets.documents == .operators ? "\(error)" : error.withoutPaths
      reader.fault("name", allowed: "a data set that can be opened", "can't be opened: \(reason)")
    }
    return nil
  }

  private static func files(
    _ name: String, _ reader: ObjectReader, _ datasets: DatasetResolver
  ) -> (SpecifiedDataset, DatasetFacts, (any Dataset)?)? {
    guard datasets.documents == .operators else {
      reader.fault(
        "name", allowed: allowedNames(datasets),
        "reads files of the machine that emc runs on, which can't be named here: upload them with "
          + "POST /v1/datasets, or have them added with emc datasets add, and give the name they got")
      return nil
    }
    guard let reference = DatasetReference(files: name, at: place(of: name), reading: reader) else {
      return nil
    }
    let digest = reader.has("digest") ? reader.digest("digest") : nil
    guard !reader.faults.concerns(reader.pointer) else { return nil }
    do throws(DatasetError) {
      let dataset = try datasets.open(reference)
      if let digest, digest != dataset.digest {
        reader.fault("digest", allowed: "\(dataset.digest), or no digest", "is not the content of the file")
        return nil
      }
      return (SpecifiedDataset(reference, digest: dataset.digest), DatasetFacts(dataset), dataset)
    } catch {
      reader.fault("path", allowed: "a file or folder that can be read as \(name)", "can't be read: \(error)")
      return nil
    }
  }

  /// The absolute path of what a document names by a path from where the command runs.
  private static func place(of kind: String) -> (String) -> String {
    { given in
      let path = URL(filePath: given).path
      // What is not here may be a file of the mirror.
      return kind == "image_folder" && !FileManager.default.fileExists(atPath: path) ? given : path
    }
  }
}
