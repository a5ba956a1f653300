import Datasets

/// Says, when a specification is admitted, what the data sets are that it names. The catalogue is known everywhere; what
/// the user has added, files, and what has been fetched are looked up in a library. Nothing is fetched.
package struct DatasetResolver: Sendable {
  /// Whose documents are read.
  package enum Documents: Sendable, Hashable {
    /// Those of this machine's operator: they may name files of the machine by their paths.
    case operators
    /// Those of a client: what lies on this machine is none of its business but for the names of added data.
    case clients
  }

  private let library: DatasetLibrary?
  let documents: Documents

  /// Looks data sets up in a library.
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

  /// The added data set of a name.
  func find(_ name: String, digest: String?) throws(DatasetError) -> Finding {
    guard let entry = try library?.stored(named: name) else { return .missing }
    guard digest == nil || digest == entry.digest else { return .changed(digest: entry.digest) }
    return .found(digest: entry.digest, facts: DatasetFacts(entry))
  }

  /// The added content with a digest.
  func open(digest: String) throws(DatasetError) -> any Dataset {
    guard let library else { throw .unknownDataset(name: digest) }
    return try library.open(digest: digest)
  }

  /// Opens files of this machine, decoded first where that hasn't happened yet.
  func open(_ reference: DatasetReference) throws(DatasetError) -> any Dataset {
    guard let library, documents == .operators else {
      preconditionFailure("only an operator's documents name files")
    }
    return try library.open(reference)
  }

  /// An entry of the catalogue where it is at hand: made by a rule, or fetched before. One that can't be read counts as
  /// not there: whoever needs its samples says what is wrong.
  func openIfHere(_ reference: DatasetReference) -> (any Dataset)? {
    try? library?.openIfHere(reference)
  }

  /// The names of some added data sets, for messages.
  var examples: [String] { ((try? library?.stored()) ?? []).prefix(10).map(\.name) }
}
