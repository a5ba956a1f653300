import Capacity
import Foundation

/// What `emc serve` and `emc worker` need to know; flags come first, then the environment, then these
/// defaults.
package struct ServiceConfiguration: Sendable {
  /// Where the API listens: `host:port` or `unix:/path`.
  package var listen: String
  /// Names that requests may address the API by, beside that of `listen`, loopback's and addresses in digits.
  package var hosts: [String]
  /// How many probes are trained at once, each on a thread of its own; 0 leaves training to other machines.
  package var workers: Int
  /// Data sets and the private PostgreSQL cluster live here.
  package var dataDirectory: URL
  /// Where data sets are fetched from instead of their public addresses: an http, https or file URL.
  package var datasetMirror: String?
  /// Bytes of an uploaded data set; 413 beyond.
  package var datasetLimit: Int
  /// Bytes that the probes of this process may take together, and those of any job that it admits by
  /// themselves.
  package var memoryLimit: Int
  /// Bytes of the ends of failed probes that are kept in the database for jobs that may go on from them.
  package var checkpointLimit: Int
  /// Whether requests need a token even on loopback.
  package var requiresTokens = false
  /// Whether requests beyond loopback may come without a token.
  package var allowsAnonymous = false
  /// Requests a minute of a token that has no rate of its own.
  package var tokenRate = AccessPolicy.defaultRate
  /// Other origins whose pages may use the API.
  package var origins: [String] = []
  /// Where the token of an administrator is written that is made at the first start, if there is none; nil: none is made.
  package var firstTokenFile: String?
  /// Ranges of addresses that webhooks may lead to although they are not public.
  package var webhookRanges: [AddressRange] = []
  /// How long jobs stay that have ended; nil: for ever.
  package var retention: Duration?
  /// A PostgreSQL connection URL; nil: a private cluster in the data directory.
  package var databaseURL: String?

  /// A configuration.
  package init(
    listen: String = "127.0.0.1:8080", hosts: [String] = [], workers: Int, dataDirectory: URL,
    datasetMirror: String? = nil,
    datasetLimit: Int = defaultDatasetLimit, memoryLimit: Int = MemoryLimit.ofThisMachine,
    checkpointLimit: Int = WorkOptions.defaultCheckpointLimit,
    retention: Duration? = nil, databaseURL: String? = nil
  ) {
    self.listen = listen
    self.hosts = hosts
    self.workers = workers
    self.dataDirectory = dataDirectory
    self.datasetMirror = datasetMirror
    self.datasetLimit = datasetLimit
    self.memoryLimit = memoryLimit
    self.checkpointLimit = checkpointLimit
    self.retention = retention
    self.databaseURL = databaseURL
  }

  /// 16 GiB.
  package static let defaultDatasetLimit = 16 << 30

  /// `$XDG_DATA_HOME/emc`, or `~/.local/share/emc`.
  package static func defaultDataDirectory(environment: [String: String]) -> URL {
    let base =
      environment["XDG_DATA_HOME"].map { URL(filePath: $0, directoryHint: .isDirectory) }
      ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".local/share")
    return base.appending(path: "emc", directoryHint: .isDirectory)
  }
}
