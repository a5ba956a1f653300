import Foundation
import Synchronization

/// Opens data sets by reference: fetches what isn't there, decodes it once, and maps what is.
///
/// Calls block while they fetch and decode: call them from a thread that may wait.
public final class DatasetLibrary: Sendable {
  let directory: DataDirectory
  private let mirror: String?
  private let retry: DownloadRetry
  let limits: DatasetLimits
  /// The folders of a data directory that a library keeps its files in.
  package static let folders = DataDirectory.Folder.allCases.map(\.rawValue)
  private let opened = Mutex<[String: any Dataset]>([:])

  /// A library in a data directory. `mirror` is an http, https or file address, or an absolute path, laid out
  /// `<mirror>/<dataset>/<file>`; nil stands for the public addresses.
  public init(
    directory: URL, mirror: String? = nil, retry: DownloadRetry = DownloadRetry(),
    limits: DatasetLimits = DatasetLimits()
  ) {
    self.retry = retry
    self.directory = DataDirectory(directory)
    self.mirror = mirror
    self.limits = limits
  }

  /// Whether data sets are fetched from a mirror instead of their public addresses.
  public var hasMirror: Bool { mirror?.isEmpty == false }

  /// The data set that `reference` names, fetched and decoded first where that hasn't happened yet.
  ///
  /// - Parameter shouldStop: polled while files are fetched; true ends it with `interrupted`.
  /// - Throws: `DatasetError`: `unreachable`, `wrongChecksum`, `truncated`, `malformed`, `directoryNotWritable`,
  ///   `invalidOption`, …
  public func open(
    _ reference: DatasetReference, progress: @escaping @Sendable (FetchProgress) -> Void = { _ in },
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws(DatasetError) -> any Dataset {
    try open(reference, FetchControl(progress: progress, shouldStop: shouldStop))
  }

  private func open(
    _ reference: DatasetReference, _ control: FetchControl
  ) throws(DatasetError) -> any Dataset {
    switch reference {
    case .catalogue(let dataset):
      return try dataset.open(in: self, control)
    case .imageNet(let path, let form):
      return try local("imagenet", path: path, options: "\(form)", control) {
        (source, target) throws(DatasetError) in
        try ImageNet(folder: source, form: form, limits: limits).decode(to: target)
      }
    case .imageFolder(let path, let form):
      return try imageFolder(path, form, control)
    case .table(let path, let options):
      let rule = UploadFormat.csv(options)
      return try local("csv", path: path, options: rule.rule, control) {
        (source, target) throws(DatasetError) in
        try rule.decode(source, directory: directory, limits: limits, to: target)
      }
    case .arrays(let path, let options):
      let rule = path.lowercased().hasSuffix(".npz") ? UploadFormat.npz(options) : .npy(options)
      return try local(reference.name, path: path, options: rule.rule, control) {
        (source, target) throws(DatasetError) in
        try rule.decode(source, directory: directory, limits: limits, to: target)
      }
    case .stored(let name):
      return try openStored(name)
    }
  }

  /// The data set that `reference` names where it is at hand: generated, or fetched and decoded before; nil where it would
  /// have to be fetched or decoded first.
  ///
  /// - Throws: `DatasetError` where what is kept can't be read, or an option makes no sense.
  public func openIfHere(_ reference: DatasetReference) throws(DatasetError) -> (any Dataset)? {
    do throws(DatasetError) {
      return try open(reference, FetchControl(mayMake: false))
    } catch .interrupted {
      return nil
    }
  }

  private func imageFolder(
    _ path: String, _ form: ImageForm, _ control: FetchControl
  ) throws(DatasetError) -> any Dataset {
    var source = path
    if !path.hasPrefix("/") {
      guard control.mayMake else { throw .interrupted }
      _ = try TarArchive.safe(path, file: "image_folder", offset: 0)
      let fetcher = Fetcher(
        directory: directory, mirror: try Mirror(mirror), retry: retry, progress: control.progress,
        shouldStop: control.shouldStop)
      source = try fetcher.fetch(
        firstOf: [PublishedFile(path, at: "", sha256: nil)], of: "image_folder")
    }
    let format = UploadFormat.images(form)
    return try local("image_folder", path: source, options: format.rule, control) {
      (source, target) throws(DatasetError) in
      try format.decode(source, directory: directory, limits: limits, to: target)
    }
  }

  /// A block file made of a file or folder on this machine; made again when that changes.
  private func local(
    _ kind: String, path: String, options: String,
    _ control: FetchControl,
    make: (String, String) throws(DatasetError) -> Void
  ) throws(DatasetError) -> any Dataset {
    let version = try FileVersion.of(path)
    let key = "\(kind)-" + ContentDigest.of(rule: "\(path) \(version) \(options)").prefix(32)
    return try stored(key, control) { (_, target) throws(DatasetError) in try make(path, target) }
  }

  /// The block file of `key`, made by `make` where it isn't there; one process makes it while others wait.
  func stored(
    _ key: String, _ control: FetchControl,
    make: (Fetcher, String) throws(DatasetError) -> Void
  ) throws(DatasetError) -> any Dataset {
    if let dataset = opened.withLock({ $0[key] }) { return dataset }
    let path = directory.block(key)
    if let dataset = try kept(key) {
      opened.withLock { $0[key] = dataset }
      return dataset
    }
    guard control.mayMake else { throw .interrupted }
    try directory.makeBlocks()
    let fetcher = Fetcher(
      directory: directory, mirror: try Mirror(mirror), retry: retry, progress: control.progress,
      shouldStop: control.shouldStop)
    let dataset = try directory.exclusively(key, shouldStop: control.shouldStop) { () throws(DatasetError) in
      if let dataset = try kept(key) { return dataset }
      try make(fetcher, path)
      return try BlockDataset(path: path)
    }
    opened.withLock { $0[key] = dataset }
    return dataset
  }

  /// The block file of `key`; nil where there is none, or one of an older form that is to be made again. Added content
  /// stays as it was added.
  private func kept(_ key: String) throws(DatasetError) -> BlockDataset? {
    let path = directory.block(key)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let dataset = try BlockDataset(path: path)
    return dataset.isOutdated && !key.hasPrefix("content-") ? nil : dataset
  }

  /// Lets go of an opened data set; draws from it go on.
  func forget(_ key: String) {
    opened.withLock { $0[key] = nil }
  }
}

/// Who hears how far a fetch is, and who may call it off.
struct FetchControl: Sendable {
  var progress: @Sendable (FetchProgress) -> Void = { _ in }
  var shouldStop: @Sendable () -> Bool = { false }
  /// Whether what isn't there may be fetched and decoded; if not, it ends with `interrupted`.
  var mayMake = true
}
