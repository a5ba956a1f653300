import Datasets

/// Says what the data sets are that a specification names. The catalogue is known everywhere; what the user has
/// added, and files, are looked up in a library.
package struct DatasetResolver: Sendable {
  /// Whose documents are read.
  package enum Documents: Sendable, Hashable {
    /// Those of this machine's operator: they may name files of the machine by their paths.
    case operators
    /// Those of a client: what lies on this machine is none of its business but for the names of added data.
    case clients
    /// Those that emc has written itself: the digest alone says which content, whatever has its name now.
    case recorded
  }

  private let library: DatasetLibrary?
  let documents: Documents

  /// Looks added data sets and files up in a library.
  package init(library: DatasetLibrary, documents: Documents) {
    self.library = library
    self.documents = documents
  }

  private init() {
    library = nil
    documents = .clients
  }

  /// Knows the catalogue alone.
  package static let catalogue = DatasetResolver()

  /// What an added data set is found to be.
  enum Finding {
    case found(digest: String, facts: DatasetFacts)
    /// The name stands for another content now.
    case changed(digest: String)
    case missing
  }

  /// The added data set of a name; one that a recorded document names by its digest needs no name any more.
  func find(_ name: String, digest: String?) throws(DatasetError) -> Finding {
    guard let library else { return .missing }
    if documents == .recorded, let digest {
      do throws(DatasetError) {
        return .found(digest: digest, facts: DatasetFacts(try library.open(digest: digest)))
      } catch .unknownDataset {
        return .missing
      }
    }
    guard let entry = try library.stored(named: name) else { return .missing }
    guard digest == nil || digest == entry.digest else { return .changed(digest: entry.digest) }
    return .found(digest: entry.digest, facts: DatasetFacts(entry))
  }

  /// Opens files of this machine, decoded first where that hasn't happened yet.
  func open(_ reference: DatasetReference) throws(DatasetError) -> any Dataset {
    guard let library, documents == .operators else {
      preconditionFailure("only an operator's documents name files")
    }
    return try library.open(reference)
  }

  /// The names of some added data sets, for messages.
  var examples: [String] { ((try? library?.stored()) ?? []).prefix(10).map(\.name) }
}
