import Foundation

extension DatasetLibrary {
  /// Removes what is kept of a catalogue data set: its downloads and its decoded files, with every choice of
  /// options. The next use fetches and decodes it anew; open draws go on. Gives the bytes that were freed.
  ///
  /// Waits while another process fetches or decodes it. Throws `unknownDataset` for a name that is not in the
  /// catalogue (added data sets go by `remove(name:)`), `directoryNotWritable`.
  @discardableResult
  public func removeFetched(name: String) throws(DatasetError) -> Int {
    guard Catalogue.names.contains(name) else { throw .unknownDataset(name: name) }
    // Keys are the name, or the name and options: `cifar100-fine`, `covertype-test-0.2`.
    func belongs(_ key: String) -> Bool { key == name || key.hasPrefix(name + "-") }
    // Who makes a decoded file holds its key, whether or not the file is there yet.
    var held: [File] = []
    for key in directory.names(in: "locks", ending: ".lock") where belongs(key) {
      held.append(try directory.hold(key))
    }
    var freed = 0
    for key in directory.names(in: "blocks", ending: ".block") where belongs(key) {
      freed += try directory.remove(directory.block(key))
      forget(key)
    }
    let downloads = "downloads/\(name)"
    for file in directory.names(in: downloads, ending: "") {
      freed += try directory.remove("\(directory.root)/\(downloads)/\(file)")
    }
    rmdir("\(directory.root)/\(downloads)")
    return withExtendedLifetime(held) { freed }
  }
}

extension DataDirectory {
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
