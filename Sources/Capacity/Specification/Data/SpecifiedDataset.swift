import Datasets

/// The data set of an experiment: which it is.
package struct SpecifiedDataset: Sendable, Hashable {
  /// Which data set.
  package let reference: DatasetReference
  /// SHA-256 of the content of the user's own data, which a name or a path alone does not determine; nil for the
  /// catalogue's.
  package let digest: String?

  /// An entry of the catalogue, or the user's data with their digest.
  init(_ reference: DatasetReference, digest: String? = nil) {
    self.reference = reference
    self.digest = digest
  }

  /// Reads what `json` wrote: a pure function of the document.
  init(recorded reader: ObjectReader) {
    let name = reader.string("name", allowed: "the name of a data set") { !$0.isEmpty } ?? ""
    let digest = reader.has("digest") ? reader.digest("digest") : nil
    if let entry = CatalogueDataset(named: name, reading: reader) {
      self.init(.catalogue(entry))
    } else if let files = DatasetReference(files: name, at: { $0 }, reading: reader) {
      self.init(files, digest: digest)
    } else {
      if !reader.has("digest") { _ = reader.digest("digest") }
      self.init(.stored(name: name), digest: digest)
    }
    reader.finish()
  }

  /// Opens it, the catalogue's fetched where they are not there yet.
  ///
  /// - Parameter shouldStop: polled while it is fetched.
  /// - Throws: `DatasetError`; `ProbeError` where the user's data with this digest are not on this machine.
  package func open(
    in library: DatasetLibrary, shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> any Dataset {
    guard case .stored(let name) = reference, let digest else {
      return try library.open(reference, shouldStop: shouldStop)
    }
    do throws(DatasetError) {
      return try library.open(digest: digest)
    } catch .unknownDataset {
      throw ProbeError.datasetMissing(name: name, digest: digest)
    }
  }

  /// The member of a specification with all defaults; the digest of the user's data stands beside their name.
  var json: JSONValue {
    var members = reference.members
    members["name"] = .string(reference.name)
    members["digest"] = digest.map(JSONValue.string)
    return .object(members)
  }

  /// What determines a probe: the user's data are what their digest says, whatever name or path they have.
  var address: JSONValue { digest.map { .object(["digest": .string($0)]) } ?? json }
}

extension ObjectReader {
  /// A SHA-256 digest as emc writes them.
  func digest(_ name: String) -> String? {
    string(name, allowed: "a SHA-256 digest, 64 hexadecimal digits") { text in
      text.utf8.count == 64 && text.utf8.allSatisfy { 48...57 ~= $0 || 97...102 ~= $0 }
    }
  }
}
