import Foundation

extension DatasetLibrary {
  /// Whether an entry of the catalogue has been fetched and decoded; nil where there is nothing to fetch.
  public func isCached(_ entry: CatalogueEntry) -> Bool? {
    entry.files.isEmpty ? nil : !directory.keys(of: entry.name, in: .blocks, ending: ".block").isEmpty
  }

  /// Removes what is kept of a catalogue data set: its downloads and its decoded files, with every choice of
  /// options. The next use fetches and decodes it anew; open draws go on. Gives the bytes that were freed.
  ///
  /// Waits while another process fetches or decodes it. Throws `unknownDataset` for a name that is not in the
  /// catalogue (added data sets go by `remove(name:)`), `directoryNotWritable`.
  @discardableResult
  public func removeFetched(name: String) throws(DatasetError) -> Int {
    guard Catalogue.names.contains(name) else { throw .unknownDataset(name: name) }
    // Who makes a decoded file holds its key, whether or not the file is there yet.
    var held: [File] = []
    for key in directory.keys(of: name, in: .locks, ending: ".lock") {
      held.append(try directory.hold(key))
    }
    // In the order in which who makes one takes them.
    for lock in directory.names(in: .locks, ending: ".lock") where lock.hasPrefix(Fetcher.lockPrefix(name)) {
      held.append(try directory.hold(lock))
    }
    var freed = 0
    for key in directory.keys(of: name, in: .blocks, ending: ".block") {
      freed += try directory.remove(directory.block(key))
      forget(key)
    }
    let downloads = directory.path(.downloads, of: name)
    for file in directory.names(in: .downloads, of: name, ending: "") {
      freed += try directory.remove("\(downloads)/\(file)")
    }
    rmdir(downloads)
    return withExtendedLifetime(held) { freed }
  }
}

extension DataDirectory {
  /// The keys in a folder that are of a catalogue data set: its name, or its name and options, such as
  /// `cifar100-fine` and `covertype-test-0.2`.
  fileprivate func keys(of dataset: String, in folder: Folder, ending: String) -> [String] {
    names(in: folder, ending: ending).filter { $0 == dataset || $0.hasPrefix(dataset + "-") }
  }

  /// Removes a file; gives its size.
  fileprivate func remove(_ path: String) throws(DatasetError) -> Int {
    var information = stat()
    guard stat(path, &information) == 0, unlink(path) == 0 else {
      if errno == ENOENT { return 0 }
      throw .directoryNotWritable(path: path, reason: lastSystemError())
    }
    return Int(information.st_size)
  }
}
