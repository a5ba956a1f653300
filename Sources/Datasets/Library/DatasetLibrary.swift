import Foundation
import Synchronization

/// Opens data sets by reference: fetches what isn't there, decodes it once, and maps what is.
///
/// Calls block while they fetch and decode: call them from a thread that may wait.
public final class DatasetLibrary: Sendable {
  let directory: DataDirectory
  private let mirror: String?
  let limits: DatasetLimits
  private let opened = Mutex<[String: any Dataset]>([:])

  /// A library in a data directory. `mirror` is an http, https or file address, or an absolute path, laid out
  /// `<mirror>/<dataset>/<file>`; nil stands for the public addresses.
  public init(directory: URL, mirror: String? = nil, limits: DatasetLimits = DatasetLimits()) {
    self.directory = DataDirectory(directory)
    self.mirror = mirror
    self.limits = limits
  }

  /// The data set that `reference` names, fetched and decoded first where that hasn't happened yet.
  ///
  /// Throws `DatasetError`: `unreachable`, `wrongChecksum`, `truncated`, `malformed`, `directoryNotWritable`,
  /// `invalidOption`, …
  public func open(
    _ reference: DatasetReference, progress: @escaping @Sendable (FetchProgress) -> Void = { _ in }
  ) throws(DatasetError) -> any Dataset {
    switch reference {
    case .gaussian(let dimensions, let classes):
      return try GaussianDataset(dimensions: dimensions, classes: classes)
    case .mnist:
      return try stored("mnist", progress: progress) { (fetcher, path) throws(DatasetError) in
        try DigitImages.mnist.decode(fetcher: fetcher, limits: limits, to: path)
      }
    }
  }

  /// The block file of `key`, made by `make` where it isn't there; one process makes it while others wait.
  func stored(
    _ key: String, progress: @escaping @Sendable (FetchProgress) -> Void,
    make: (Fetcher, String) throws(DatasetError) -> Void
  ) throws(DatasetError) -> any Dataset {
    if let dataset = opened.withLock({ $0[key] }) { return dataset }
    let path = directory.block(key)
    if !FileManager.default.fileExists(atPath: path) {
      try directory.makeBlocks()
      let fetcher = Fetcher(directory: directory, mirror: try Mirror(mirror), progress: progress)
      try directory.exclusively(key) { () throws(DatasetError) in
        if !FileManager.default.fileExists(atPath: path) { try make(fetcher, path) }
      }
    }
    let dataset = try BlockDataset(path: path)
    opened.withLock { $0[key] = dataset }
    return dataset
  }
}
