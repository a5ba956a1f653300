import Crypto
import Foundation

/// Brings published files to the data directory: from the public address or the mirror, checked, once.
struct Fetcher: Sendable {
  let directory: DataDirectory
  let mirror: Mirror
  let retry: DownloadRetry
  let progress: @Sendable (FetchProgress) -> Void
  /// Polled while bytes arrive and between tries; true ends the fetch with `interrupted`.
  let shouldStop: @Sendable () -> Bool

  /// A local file with the content of the first of `files` that is there.
  ///
  /// Files of a `file` mirror are used where they lie. Throws `unreachable`, `wrongChecksum`,
  /// `directoryNotWritable`.
  func fetch(_ file: PublishedFile, of dataset: String) throws(DatasetError) -> String {
    let address = try mirror.address(of: file, in: dataset)
    if address.isFileURL {
      let path = address.path
      guard access(path, R_OK) == 0 else {
        throw .unreachable(address: address.absoluteString, reason: lastSystemError())
      }
      let expected = try checksum(of: file, in: dataset)
      try Self.check(path, expected: expected)
      return path
    }
    let path = try directory.download(file.name, of: dataset)
    // The file's own lock: data sets that differ in their options alone are made of the same one.
    return try directory.exclusively(Self.lock(of: file.name, in: dataset), shouldStop: shouldStop) {
      () throws(DatasetError) in
      if FileManager.default.fileExists(atPath: path) { return path }
      let expected = try checksum(of: file, in: dataset)
      try transfer(address, to: path, expected: expected) { received, total in
        progress(FetchProgress(dataset: dataset, file: file.name, received: received, total: total))
      }
      return path
    }
  }

  /// The name of the lock that whoever fetches a file holds. Taken after those of decoded files, never before.
  static func lock(of file: String, in dataset: String) -> String {
    "\(lockPrefix(dataset))\(file.replacing("/", with: "%2F"))"
  }

  /// What the names of a data set's locks on files begin with.
  static func lockPrefix(_ dataset: String) -> String { "fetching-\(dataset)-" }

  /// The first of several names of the same file that the mirror has, or the first one's public address.
  func fetch(firstOf files: [PublishedFile], of dataset: String) throws(DatasetError) -> String {
    var first: DatasetError?
    for file in files where !file.address.isEmpty || mirror.isSet {
      do throws(DatasetError) {
        return try fetch(file, of: dataset)
      } catch {
        switch error {
        case .unreachable, .unreadable: first = first ?? error
        default: throw error
        }
      }
    }
    throw first ?? .unreachable(address: dataset, reason: "it has no public address")
  }

  /// The mirror's checksum where it states one, else the published one.
  private func checksum(of file: PublishedFile, in dataset: String) throws(DatasetError) -> String? {
    guard let address = try mirror.checksums(of: dataset) else { return file.sha256 ?? file.md5 }
    let path: String
    if address.isFileURL {
      path = address.path
      guard FileManager.default.fileExists(atPath: path) else { return file.sha256 ?? file.md5 }
    } else {
      path = try directory.download("SHA256SUMS", of: dataset)
      let status = try transfer(address, to: path, expected: nil, isOptional: true) { _, _ in }
      guard status != .absent else { return file.sha256 ?? file.md5 }
    }
    let bytes = try File(path, .read)
    let text = String(decoding: try bytes.read(min(bytes.size, 1 << 20), at: 0), as: UTF8.self)
    return try ChecksumList(text, file: address.absoluteString)[file.name] ?? file.sha256 ?? file.md5
  }

  private enum Status { case arrived, absent }

  @discardableResult
  private func transfer(
    _ address: URL, to path: String, expected: String?, isOptional: Bool = false,
    progress: @escaping @Sendable (Int, Int?) -> Void
  ) throws(DatasetError) -> Status {
    let partial = path + ".part"
    var entityTag: String?
    var failure = ""
    var resumesUnchecked = true
    for attempt in 0..<retry.attempts {
      if attempt > 0 { try pause(retry.firstDelay * Double(1 << (attempt - 1))) }
      // What an earlier process left behind is only trusted where a checksum decides in the end.
      let offset = expected != nil || entityTag != nil ? Self.size(of: partial) : 0
      let result = Transfer.run(
        address, into: partial, offset: offset, entityTag: entityTag, progress: progress,
        shouldStop: shouldStop)
      if let error = result.writeError { throw error }
      if shouldStop() { throw .interrupted }
      entityTag = result.entityTag
      switch result.status {
      case 200, 206:
        if let reason = result.failure {
          failure = reason
          continue
        }
        do throws(DatasetError) {
          try Self.check(partial, expected: expected, shownAs: address.absoluteString)
        } catch {
          unlink(partial)
          // A resumed file may have been begun from another version: once more from the start.
          guard offset > 0, resumesUnchecked, attempt + 1 < retry.attempts else { throw error }
          resumesUnchecked = false
          entityTag = nil
          failure = error.description
          continue
        }
        guard rename(partial, path) == 0 else {
          throw .directoryNotWritable(path: path, reason: lastSystemError())
        }
        return .arrived
      case 403, 404, 410:
        if isOptional { return .absent }
        throw .unreachable(address: address.absoluteString, reason: "HTTP status \(result.status)")
      case 416:
        unlink(partial)
        failure = "HTTP status 416"
      case 429, 500...599:
        failure = "HTTP status \(result.status)"
      case 0:
        failure = result.failure ?? "no answer"
      default:
        throw .unreachable(address: address.absoluteString, reason: "HTTP status \(result.status)")
      }
    }
    throw .unreachable(address: address.absoluteString, reason: failure)
  }

  private func pause(_ seconds: Double) throws(DatasetError) {
    let end = Date(timeIntervalSinceNow: seconds)
    while Date() < end {
      if shouldStop() { throw .interrupted }
      Thread.sleep(until: min(end, Date(timeIntervalSinceNow: 0.05)))
    }
  }

  private static func size(of path: String) -> Int {
    var information = stat()
    return stat(path, &information) == 0 ? Int(information.st_size) : 0
  }

  /// Compares a file's SHA-256, or its MD5, with what it should be, where that is known.
  static func check(_ path: String, expected: String?, shownAs name: String? = nil) throws(DatasetError) {
    let file = try File(path, .read)
    guard let expected else { return }
    var source = FileSource(file: file, range: 0..<file.size)
    // An MD5 has half as many digits.
    var digest = ContentDigest()
    var older = Insecure.MD5()
    let isOlder = expected.utf8.count == 32
    while true {
      let bytes = try source.next()
      if bytes.isEmpty { break }
      if isOlder { older.update(data: bytes) } else { digest.update(bytes) }
    }
    let found = isOlder ? hexadecimal(older.finalize()) : digest.finish()
    guard found == expected.lowercased() else {
      throw .wrongChecksum(file: name ?? path, expected: expected, found: found)
    }
  }
}

/// How often and how fast a download is tried again. Waits double from `firstDelay`.
public struct DownloadRetry: Sendable, Hashable {
  /// Tries in all.
  public var attempts: Int
  /// Seconds before the second try.
  public var firstDelay: Double

  /// Five tries within eight seconds, unless told otherwise.
  public init(attempts: Int = 5, firstDelay: Double = 0.5) {
    self.attempts = attempts
    self.firstDelay = firstDelay
  }
}
