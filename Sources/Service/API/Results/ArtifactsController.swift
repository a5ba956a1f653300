import Capacity
import Datasets
import Foundation
import HTTPServer
import Persistence

/// The trained network of a probe as an NPZ archive. Networks aren't kept when they have been measured: the probe is trained
/// again, which gives the same network, and the archive is kept for the next who asks.
struct ArtifactsController: Sendable {
  let jobs: JobStore
  let datasets: DatasetLibrary
  let store: ArtifactStore
  /// Bytes that the probes of this machine may take together.
  let memoryLimit: Int
  /// One at a time: training takes a core.
  private let trainers = Budget(
    1, for: "training another network to be handed out", patience: .seconds(600), retry: 60)

  private static let deadline = Duration.seconds(3_600)

  init(jobs: JobStore, datasets: DatasetLibrary, store: ArtifactStore, memoryLimit: Int) {
    self.jobs = jobs
    self.datasets = datasets
    self.store = store
    self.memoryLimit = memoryLimit
  }

  func register(on router: inout Router) {
    router.on(.get, "/v1/jobs/{id}/probes/{digest}/artifact", parameters: [], deadline: Self.deadline) {
      try await artifact($0)
    }
  }

  private func artifact(_ request: HTTPRequest) async throws -> HTTPResponse {
    let id = try request.jobID()
    let digest = request.pathParameters["digest"] ?? ""
    guard digest.utf8.count == 64, digest.utf8.allSatisfy({ 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }),
      let (probe, document) = try await jobs.probe(digest, of: id)
    else {
      throw ProblemDocument(
        .noSuchProbe,
        detail: "the job \(request.pathParameters["id"] ?? "") has no probe with the digest \(digest)")
    }
    guard probe.state == .finished, probe.kind == .training else {
      throw ProblemDocument(
        .noArtifact,
        detail: probe.kind == .training
          ? "the probe is \(probe.state.rawValue): only a finished one has a trained network"
          : "the probe verified a failure: it trained no network of its own",
        extensions: ["state": probe.state.rawValue])
    }
    let tag = EntityTag(String(digest.prefix(32)))
    if request.hasCurrent(tag) { return .notModified(tag) }
    if let kept = try store.response(digest, tag) { return kept }
    guard let job = try await jobs.job(id) else { throw ProblemDocument.noJob(id.shown) }
    let specification = try await onOwnThread { try read(document, of: job) }
    return try await trainers.holding(1) {
      // Another request may have been first.
      if let kept = try store.response(digest, tag) { return kept }
      try await train(specification, digest)
      guard let kept = try store.response(digest, tag) else { throw ArtifactError.notStored }
      return kept
    }
  }

  /// The probe, where this machine can train it: a larger one may have.
  private func read(_ document: String, of job: JobRecord) throws -> ProbeSpecification {
    let probe: ProbeSpecification
    do {
      probe = try ProbeSpecification(json: JSONValue(parsing: document.utf8))
    } catch is SpecificationError {
      throw ProblemDocument(
        .noArtifact,
        detail:
          "the probe was trained by another revision of the engine than this server's: it can't be trained "
          + "again as it was")
    }
    // Nil where the job's row doesn't tell the form of its data.
    if let memory = (try? RecordedJob(job))?.plan?.memory(of: probe), memory > memoryLimit {
      throw ProblemDocument(
        .noArtifact,
        detail:
          "training the probe again would take \(memory) bytes of memory, and this server's probes may take "
          + "\(memoryLimit) together (--memory-limit)",
        extensions: ["memory": memory, "memory_limit": memoryLimit])
    }
    return probe
  }

  private func train(_ probe: ProbeSpecification, _ digest: String) async throws {
    let stop = StopFlag()
    do {
      try await withTaskCancellationHandler {
        try await onOwnThread(priority: .training) {
          let result = try ProbeRunner(library: datasets).run(
            probe, save: { try store.keep($0.npz(), digest) }, shouldStop: { stop.isRaised })
          if result == nil { throw CancellationError() }
        }
      } onCancel: {
        stop.raise()
      }
    } catch {
      throw ProblemDocument.noData(error, of: probe.experiment.data.dataset.reference.name) ?? error
    }
  }
}

extension ProblemDocument {
  /// 409: the data that a probe was trained on can't be had on this server; nil for any other error.
  fileprivate static func noData(_ error: any Error, of dataset: String) -> (any Error)? {
    let reason: String
    switch error {
    case ProbeError.datasetMissing(_, let digest):
      reason = "the data set \(dataset) with the digest \(digest) isn't stored here any more"
    case ProbeError.datasetChanged(_, let asked, let found):
      reason =
        "the data set \(dataset) with the digest \(asked) isn't stored here: what has its name has the digest "
        + found
    case let error as DatasetError:
      switch error {
      case .unreachable, .unreadable, .wrongChecksum, .malformed, .truncated:
        reason = "the data set \(dataset) can't be had here: \(error.withoutPaths)"
      default: return nil
      }
    default: return nil
    }
    return ProblemDocument(
      .noArtifact, detail: "\(reason); without it the probe can't be trained again")
  }
}

/// Why an archive isn't there after all.
enum ArtifactError: Error { case notStored }

/// Archives of trained networks as files of the data directory; the oldest go where there are too many bytes.
package struct ArtifactStore: Sendable {
  /// The folder of a data directory that they lie in.
  static let folderName = "artifacts"

  private let folder: URL
  private let limit: Int

  /// - Parameter limit: bytes of all of them.
  package init(directory: URL, limit: Int = 4 << 30) {
    folder = directory.appending(path: Self.folderName)
    self.limit = limit
  }

  /// The archive of a probe as a response; nil where it isn't kept.
  func response(_ digest: String, _ tag: EntityTag) throws -> HTTPResponse? {
    var response = HTTPResponse.file(path: file(digest).path, contentType: "application/zip")
    response?.headers.set(.etag, tag.fieldValue)
    try response?.headers.set(
      .contentDisposition, text: "attachment; filename=\"\(digest.prefix(16)).npz\"")
    return response
  }

  /// Keeps an archive, and drops the oldest others where there is no room.
  func keep(_ archive: Data, _ digest: String) throws {
    let files = FileManager.default
    try files.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    try archive.write(to: file(digest), options: .atomic)
    let keys: Set<URLResourceKey> = [.contentModificationDateKey, .fileSizeKey]
    let kept = try files.contentsOfDirectory(at: folder, includingPropertiesForKeys: Array(keys))
      .map { (url: $0, values: try $0.resourceValues(forKeys: keys)) }
      .sorted {
        $0.values.contentModificationDate ?? .distantPast > $1.values.contentModificationDate ?? .distantPast
      }
    var total = 0
    for (url, values) in kept {
      total += values.fileSize ?? 0
      if total > limit, url.lastPathComponent != file(digest).lastPathComponent {
        try? files.removeItem(at: url)
      }
    }
  }

  private func file(_ digest: String) -> URL { folder.appending(path: "\(digest).npz") }
}
