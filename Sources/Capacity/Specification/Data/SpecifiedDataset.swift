import Datasets

/// The data set of an experiment: which it is, and what a specification must know of it.
package struct SpecifiedDataset: Sendable, Hashable {
  /// Which data set.
  package let reference: DatasetReference
  /// SHA-256 of the content of the user's own data, which a name or a path alone does not determine; nil for the
  /// catalogue's.
  package let digest: String?
  /// What it holds.
  package let facts: DatasetFacts

  init(_ reference: DatasetReference, digest: String?, facts: DatasetFacts) {
    self.reference = reference
    self.digest = digest
    self.facts = facts
  }

  /// An entry of the catalogue.
  init(_ reference: DatasetReference) {
    self.init(reference, digest: nil, facts: reference.facts)
  }

  /// Opens it, the catalogue's fetched where they are not there yet.
  ///
  /// - Throws: `DatasetError`; `ProbeError` where the user's data with this digest are not on this machine.
  func open(
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
