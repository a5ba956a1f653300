import Capacity
import Datasets
import Foundation
import HTTPServer
import Persistence
import Service
import Synchronization
import Testing

/// What one machine lacks fails nobody's job: it waits, and says for what.
@Suite struct LackTests {
  private static let mnist = """
    {"dataset": {"name": "mnist"}, "model": {"kind": "linear"}, "training": {"max_steps": 20},
     "search": {"initial_samples": 8, "relative_tolerance": 0.9, "replicates": 1}}
    """

  /// The digits of the tests of data sets, as a mirror with its own checksums.
  private func mirror(in folder: URL) throws -> String {
    let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "DatasetsTests/Fixtures/mnist")
    let target = folder.appending(path: "mirror/mnist")
    try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
    var sums = ""
    for name in try FileManager.default.contentsOfDirectory(atPath: source.path) {
      let bytes = try Data(contentsOf: source.appending(path: name))
      try bytes.write(to: target.appending(path: name))
      sums += "\(contentDigest(of: Array(bytes)))  \(name)\n"
    }
    try Data(sums.utf8).write(to: target.appending(path: "SHA256SUMS"))
    return folder.appending(path: "mirror").absoluteString
  }

  private func job(_ id: String, _ service: TestService) async throws -> JSONValue {
    try await service.send(.get, "/v1/jobs/\(id)").1
  }

  @Test func aMirrorThatIsAwayFailsNothing() async throws {
    let url = try await TestCluster.shared.makeDatabase()
    try await withFolder { folder in
      let present = try mirror(in: folder)
      try await withService(workers: 1, url: url, mirror: "file:///nowhere") { service in
        let submitted = try await service.send(.post, "/v1/jobs", Self.mnist).1
        let id = try #require(submitted["id"]?.stringValue)
        // Nothing is fetched by a submission: it is told who will.
        #expect(submitted["waiting_for"]?.stringValue?.contains("mnist") == true)
        let waiting = try await eventually("what the job waits for") {
          let job = try await job(id, service)
          return job["waiting_for"]?.stringValue?.contains("can't fetch") == true ? job : nil
        }
        #expect(waiting["state"] == .string("queued") && waiting["error"] == .null)
        #expect(waiting["waiting_for"]?.stringValue?.contains("/nowhere") == false)
        // Another process that has the mirror: it pins the content and trains.
        let ended = try await withService(workers: 1, url: url, mirror: present) { try await $0.finished(id) }
        #expect(ended["state"] == .string("succeeded") && ended["waiting_for"] == .null)
        #expect(ended["result"]?["bounded_by"] != nil)
      }
    }
  }

  /// The machine without the data can still advance the job: that takes rows alone.
  @Test func aMachineWithoutTheDataHandsTheWorkBackAndSaysWhatIsLacking() async throws {
    let url = try await TestCluster.shared.makeDatabase()
    try await withService(url: url) { server in
      let dataset = try await server.send(.post, "/v1/datasets?name=flowers&format=csv", flowers).1
      let digest = try #require(dataset["digest"]?.stringValue)
      let submitted = try await server.send(.post, "/v1/jobs", measurement(of: #"{"name": "flowers"}"#)).1
      let id = try #require(submitted["id"]?.stringValue)
      #expect(submitted["waiting_for"] == .null)
      try await withService(workers: 2, url: url) { worker in
        let waiting = try await eventually("what the job waits for") {
          let job = try await job(id, server)
          return job["waiting_for"] == .null ? nil : job
        }
        let reason = try #require(waiting["waiting_for"]?.stringValue)
        #expect(reason.contains("flowers") && reason.contains(digest))
        #expect(waiting["error"] == .null)
        let probes = try await server.send(.get, "/v1/jobs/\(id)/probes").1["items"]?.arrayValue ?? []
        #expect(!probes.isEmpty && probes.allSatisfy { $0["state"] != .string("failed") })
        // Once the data are there, it goes on by itself.
        _ = try await worker.send(.post, "/v1/datasets?name=blossoms&format=csv", flowers)
        let ended = try await server.finished(id)
        #expect(ended["state"] == .string("succeeded") && ended["waiting_for"] == .null)
      }
    }
  }

  @Test func onlyWhatEveryMachineWouldFindFailsAJob() {
    let lacks: [any Error] = [
      DatasetError.unreachable(address: "http://mirror/mnist/x.gz", reason: "HTTP status 503"),
      DatasetError.unreachable(address: "file:///srv/mirror/mnist/x.gz", reason: "No such file"),
      DatasetError.unreadable(path: "/srv/emc/blocks/x.block", reason: "Permission denied"),
      DatasetError.directoryNotWritable(path: "/srv/emc/blocks", reason: "No space left on device"),
      ProbeError.datasetMissing(name: "x", digest: "abc"),
      ProbeError.datasetChanged(name: "x", asked: "abc", found: "def"),
    ]
    for error in lacks {
      let lack = MachineLack(error, dataset: "x", hasMirror: false)
      #expect(lack?.reason.contains("x") == true)
      #expect(lack?.reason.contains("/srv") == false, "\(error)")
    }
    let mirrors: [any Error] = [
      DatasetError.wrongChecksum(file: "http://mirror/x", expected: "1", found: "2"),
      DatasetError.truncated(file: "/srv/x", offset: 3, expected: "more"),
      DatasetError.malformed(file: "/srv/x", place: .wholeFile, reason: "not an image"),
    ]
    for error in mirrors {
      #expect(MachineLack(error, dataset: "x", hasMirror: true) != nil)
      // What the authors publish is the same for everyone.
      #expect(MachineLack(error, dataset: "x", hasMirror: false) == nil)
    }
    for error in [
      DatasetError.tooFewSamples(asked: 2, available: 1),
      .invalidOption(option: "classes", value: "1", allowed: "2"),
    ] { #expect(MachineLack(error, dataset: "x", hasMirror: true) == nil) }
  }

  @Test func whatIsLackingIsLookedForEverMoreRarely() {
    let clock = TestClock()
    let lacks = Lacks(now: { clock.now })
    #expect(!lacks.mustWait("digits"))
    var waited: [Int] = []
    for _ in 0..<6 {
      lacks.note("digits")
      var seconds = 0
      while lacks.mustWait("digits") {
        clock.advance(by: .seconds(1))
        seconds += 1
      }
      waited.append(seconds)
    }
    #expect(waited == [5, 10, 20, 40, 60, 60])
    lacks.note("digits")
    lacks.forget("digits")
    #expect(!lacks.mustWait("digits"))
  }

  /// Every worker of a process may find the same at once.
  @Test func whatSeveralFindAtTheSameTimeIsOneFinding() {
    let clock = TestClock()
    let lacks = Lacks(now: { clock.now })
    for _ in 0..<32 { lacks.note("digits") }
    lacks.note("letters")
    #expect(Set(lacks.postponed) == ["digits", "letters"])
    clock.advance(by: .seconds(5))
    #expect(lacks.postponed.isEmpty)
    lacks.note("digits")
    clock.advance(by: .seconds(9))
    #expect(lacks.postponed == ["digits"])
    // Where it has come, the next lack of it is a new one.
    lacks.forget("digits")
    lacks.note("digits")
    clock.advance(by: .seconds(5))
    #expect(lacks.postponed.isEmpty)
  }
}

/// A clock that tests set.
final class TestClock: Sendable {
  private let time = Mutex(ContinuousClock.now)
  var now: ContinuousClock.Instant { time.withLock { $0 } }
  func advance(by duration: Duration) { time.withLock { $0 += duration } }
}
