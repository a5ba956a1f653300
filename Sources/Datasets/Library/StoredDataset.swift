import Compute
import Foundation

/// A data set that was added under a name: what the library knows of it without opening it.
public struct StoredDataset: Sendable, Hashable, Codable {
  /// The name that specifications use.
  public var name: String
  /// SHA-256 of the decoded content, which never changes.
  public var digest: String
  /// `csv`, `npy`, `npz`, `images` or `imagenet`.
  public var format: String
  /// Sizes of one input: one for tables; height, width and channels for images.
  public var shape: [Int]
  /// Number of classes.
  public var classes: Int
  /// The classes' names, where the file gave any.
  public var classNames: [String]?
  /// Samples in the training split.
  public var trainCount: Int
  /// Samples in the test split.
  public var testCount: Int
  /// Bytes of the decoded file.
  public var bytes: Int
  /// When it was added.
  public var createdAt: Date
  /// The names of a table's inputs.
  public var columnNames: [String]?
  /// What was understood of its file; nil where it was added before that was kept.
  public var inference: Inference?

  /// The shape of one input.
  public var sampleShape: SampleShape {
    shape.count == 3
      ? .image(height: shape[0], width: shape[1], channels: shape[2]) : .features(shape.first ?? 0)
  }
}

extension StoredDataset {
  /// Whether the content is the same and its classes and inputs are called the same. The digest leaves names out,
  /// since no measurement depends on them; who reads it does.
  func holdsTheSame(as other: StoredDataset) -> Bool {
    digest == other.digest && classNames == other.classNames
      // Registrations of before don't know the names of columns.
      && (columnNames == nil || other.columnNames == nil || columnNames == other.columnNames)
  }
}

/// What became of adding a data set.
public struct Addition: Sendable, Hashable {
  /// The data set as it is registered.
  public let dataset: StoredDataset
  /// False where the name had the same content before.
  public let isNew: Bool
}

extension DatasetLibrary {
  /// Adds the file or folder at `path` under a name. Nothing is registered unless all of it was decoded; the
  /// same content under the same name again changes nothing.
  ///
  /// - Parameter isDryRun: the answer and the refusals of an addition, and nothing is kept.
  /// - Throws: `invalidName`, `nameTaken` where the catalogue has the name or it stands for other content, or
  ///   what is wrong with the file.
  @discardableResult
  public func add(
    name: String, format: UploadFormat, contentsOf path: String, isDryRun: Bool = false
  ) throws(DatasetError) -> Addition {
    try add(name: name, format: format, path, shownAs: nil, isDryRun: isDryRun)
  }

  func add(
    name: String, format: UploadFormat, _ path: String, shownAs: String?, isDryRun: Bool
  ) throws(DatasetError) -> Addition {
    try checkName(name)
    try directory.makeBlocks()
    let temporary = directory.block("adding-\(UUID().uuidString)")
    defer { unlink(temporary) }
    let inference = try format.decode(
      path, shownAs: shownAs, directory: directory, limits: limits, to: temporary)
    let dataset = try BlockDataset(path: temporary)
    var information = stat()
    stat(temporary, &information)
    let entry = StoredDataset(
      name: name, digest: dataset.digest, format: format.name,
      shape: dataset.sizes, classes: dataset.classes, classNames: dataset.classNames,
      trainCount: dataset.count(of: .train) ?? 0, testCount: dataset.count(of: .test) ?? 0,
      bytes: Int(information.st_size),
      createdAt: Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down)),
      columnNames: dataset.columnNames, inference: inference)
    return try directory.exclusively("stored") { () throws(DatasetError) in
      if let earlier = try stored(named: name) {
        guard earlier.holdsTheSame(as: entry) else { throw .nameTaken(name: name) }
        var same = earlier
        // How this file was read, which may be another one with the same content.
        same.inference = inference
        return Addition(dataset: same, isNew: false)
      }
      if isDryRun { return Addition(dataset: entry, isNew: true) }
      let block = directory.block("content-\(dataset.digest)")
      guard rename(temporary, block) == 0 else {
        throw .directoryNotWritable(path: block, reason: lastSystemError())
      }
      try write(entry)
      return Addition(dataset: entry, isNew: true)
    }
  }

  /// All added data sets by name.
  public func stored() throws(DatasetError) -> [StoredDataset] {
    let folder = directory.path(.stored)
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw .unreadable(path: folder, reason: error.localizedDescription)
    }
    var entries: [StoredDataset] = []
    for file in names.sorted() where file.hasSuffix(".json") {
      if let entry = try stored(named: String(file.dropLast(5))) { entries.append(entry) }
    }
    return entries
  }

  /// The added data set of a name; nil where there is none.
  public func stored(named name: String) throws(DatasetError) -> StoredDataset? {
    guard Self.isName(name) else { return nil }
    let path = "\(directory.path(.stored))/\(name).json"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let data = FileManager.default.contents(atPath: path),
      let entry = try? Self.decoder.decode(StoredDataset.self, from: data)
    else {
      throw .malformed(
        file: path, place: .wholeFile, reason: "no registration; remove the data set and add it again")
    }
    return entry
  }

  /// Removes an added data set; its content stays where another name has it, and open draws go on.
  ///
  /// Throws `unknownDataset` where there is none.
  public func remove(name: String) throws(DatasetError) {
    try directory.exclusively("stored") { () throws(DatasetError) in
      let path = "\(directory.path(.stored))/\(name).json"
      guard Self.isName(name), FileManager.default.fileExists(atPath: path) else {
        throw .unknownDataset(name: name)
      }
      let digest = try? stored(named: name)?.digest
      guard unlink(path) == 0 else { throw .directoryNotWritable(path: path, reason: lastSystemError()) }
      let others = try stored()
      if let digest, !others.contains(where: { $0.digest == digest }) {
        unlink(directory.block("content-\(digest)"))
        forget("content-\(digest)")
      }
    }
  }

  /// Opens an added data set.
  func openStored(_ name: String) throws(DatasetError) -> any Dataset {
    guard let entry = try stored(named: name) else { throw .unknownDataset(name: name) }
    return try open(digest: entry.digest)
  }

  /// Opens the added content with a digest, whatever its name is now.
  ///
  /// Throws `unknownDataset` where it isn't kept any more.
  public func open(digest: String) throws(DatasetError) -> any Dataset {
    let key = "content-\(digest)"
    guard digest.utf8.count == 64, digest.allSatisfy(\.isHexDigit),
      FileManager.default.fileExists(atPath: directory.block(key))
    else { throw .unknownDataset(name: digest) }
    return try stored(key, FetchControl()) { (_, _) throws(DatasetError) in
      throw .unknownDataset(name: digest)
    }
  }

  private func write(_ entry: StoredDataset) throws(DatasetError) {
    guard let data = try? Self.encoder.encode(entry) else { preconditionFailure("an entry is always JSON") }
    let path = "\(try directory.folder(.stored))/\(entry.name).json"
    let file = try File(path + ".tmp", .create)
    try file.write(Array(data))
    try file.synchronize()
    guard rename(path + ".tmp", path) == 0 else {
      throw .directoryNotWritable(path: path, reason: lastSystemError())
    }
  }

  /// Refuses names that can't be used and those of the catalogue.
  public func checkName(_ name: String) throws(DatasetError) {
    guard Self.isName(name) else { throw .invalidName(name: name) }
    guard !Catalogue.names.contains(name) else { throw .nameTaken(name: name) }
  }

  /// 1 to 64 of a–z, 0–9, `_` and `-`, starting with a letter or digit.
  static func isName(_ name: String) -> Bool {
    guard 1...64 ~= name.utf8.count, let first = name.utf8.first else { return false }
    let isStart = { (byte: UInt8) in 97...122 ~= byte || 48...57 ~= byte }
    return isStart(first) && name.utf8.allSatisfy { isStart($0) || $0 == 95 || $0 == 45 }
  }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    return encoder
  }

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    return decoder
  }
}
