import Datasets
import Foundation
import Synchronization
import Testing

@Suite("Fetching over HTTP")
struct FetchTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    _ = try Fixtures.mirror("mnist", in: folder)
  }

  func library(_ server: FileServer, retry: DownloadRetry = DownloadRetry(attempts: 4, firstDelay: 0.01))
    -> DatasetLibrary
  {
    DatasetLibrary(directory: folder.url.appending(path: "data"), mirror: server.address, retry: retry)
  }

  @Test("files come with progress, are checked and kept; a second open asks for nothing")
  func fetched() throws {
    let server = try FileServer(folder.path + "/mirror")
    defer { server.stop() }
    let seen = Mutex<[FetchProgress]>([])
    let dataset = try library(server).open(.mnist) { progress in seen.withLock { $0.append(progress) } }
    #expect(dataset.count == 500)
    let last = try #require(seen.withLock { $0.last { $0.file == "train-images-idx3-ubyte.gz" } })
    #expect(last.total == (try Fixtures.bytes("mnist/train-images-idx3-ubyte.gz")).count)
    #expect(last.received == last.total)
    let requests = server.log.paths.count
    _ = try library(server).open(.mnist)
    #expect(server.log.paths.count == requests)
  }

  @Test("a connection that breaks is resumed where it broke")
  func resumed() throws {
    let server = try FileServer(folder.path + "/mirror", faults: [.cut(after: 30_000), .cut(after: 20_000)])
    defer { server.stop() }
    #expect(try library(server).open(.mnist).count == 500)
    #expect(server.log.ranges == ["bytes=30000-", "bytes=50000-"])
  }

  @Test("what an earlier process left is resumed; where it isn't the same file, fetched anew")
  func leftovers() throws {
    let whole = try Fixtures.bytes("mnist/train-images-idx3-ubyte.gz")
    let part = "data/downloads/mnist/train-images-idx3-ubyte.gz.part"
    try folder.write(Array(whole.prefix(1_000)), part)
    let server = try FileServer(folder.path + "/mirror")
    defer { server.stop() }
    #expect(try library(server).open(.mnist).count == 500)
    #expect(server.log.ranges == ["bytes=1000-"])
    try FileManager.default.removeItem(at: folder.url.appending(path: "data"))
    try folder.write([UInt8](repeating: 7, count: 1_000), part)
    #expect(try library(server).open(.mnist).count == 500)
  }

  @Test("a server that ignores ranges sends the whole file, which replaces the part")
  func rangesIgnored() throws {
    let server = try FileServer(folder.path + "/mirror", faults: [.cut(after: 100), .ignoresRanges])
    defer { server.stop() }
    #expect(try library(server).open(.mnist).count == 500)
  }

  @Test("faults of the server are tried again; its refusals are not")
  func statuses() throws {
    let server = try FileServer(folder.path + "/mirror", faults: [.status(503), .status(500)])
    defer { server.stop() }
    #expect(try library(server).open(.mnist).count == 500)
    let refused = try FileServer(folder.path + "/nothing")
    defer { refused.stop() }
    let other = DatasetLibrary(
      directory: folder.url.appending(path: "other"), mirror: refused.address,
      retry: DownloadRetry(attempts: 4, firstDelay: 0.01))
    let error = try datasetError { _ = try other.open(.mnist) }
    guard case .unreachable(let address, "HTTP status 404") = error else { throw error }
    #expect(address == refused.address + "/mnist/train-images-idx3-ubyte.gz")
    #expect(refused.log.paths.count == 2)
  }

  @Test("a host that doesn't answer is unreachable, said in one line")
  func nobody() throws {
    let server = try FileServer(folder.path)
    server.stop()
    let error = try datasetError {
      _ = try library(server, retry: DownloadRetry(attempts: 2, firstDelay: 0.01)).open(.mnist)
    }
    guard case .unreachable = error else { throw error }
    #expect(!error.description.contains("\n"))
    #expect(error.description.contains("EMC_DATASET_MIRROR"))
  }

  @Test("a corrupt download is refused, and the next try starts anew")
  func corrupt() throws {
    var bytes = try Fixtures.bytes("mnist/train-images-idx3-ubyte.gz")
    bytes[500] ^= 255
    try folder.write(bytes, "mirror/mnist/train-images-idx3-ubyte.gz")
    let server = try FileServer(folder.path + "/mirror")
    defer { server.stop() }
    let error = try datasetError { _ = try library(server).open(.mnist) }
    guard case .wrongChecksum = error else { throw error }
    try folder.write(
      try Fixtures.bytes("mnist/train-images-idx3-ubyte.gz"), "mirror/mnist/train-images-idx3-ubyte.gz")
    #expect(try library(server).open(.mnist).count == 500)
  }

  @Test("two that want the same data set at once fetch each file once")
  func once() throws {
    let server = try FileServer(folder.path + "/mirror")
    defer { server.stop() }
    let counts = Mutex<[Int?]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      // A library of its own each, as processes have.
      let dataset = try? library(server).open(.mnist)
      counts.withLock { $0.append(dataset?.count) }
    }
    #expect(counts.withLock { $0 } == [500, 500, 500, 500])
    #expect(server.log.paths.count { $0.hasSuffix("train-images-idx3-ubyte.gz") } == 1)
  }

  @Test("removing what was fetched takes downloads and decoded files, and the next use fetches anew")
  func removal() throws {
    let server = try FileServer(folder.path + "/mirror")
    defer { server.stop() }
    let library = library(server)
    let dataset = try library.open(.mnist)
    // Another data set's files, whose name begins alike, and added ones stay.
    try folder.write([1], "data/blocks/mnist2.block")
    try folder.write([1], "data/blocks/content-0.block")
    let freed = try library.removeFetched(name: "mnist")
    #expect(freed > 500 * 784)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/blocks").sorted()
    #expect(left == ["content-0.block", "mnist2.block"])
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/data/downloads/mnist"))
    // An open one still gives its samples.
    #expect(try Samples(dataset).labels.prefix(3) == [5, 0, 4])
    let requests = server.log.paths.count
    #expect(try library.open(.mnist).digest == dataset.digest)
    #expect(server.log.paths.count > requests)
    #expect(try library.removeFetched(name: "kmnist") == 0)
    #expect(
      try datasetError { try library.removeFetched(name: "mine") } == .unknownDataset(name: "mine"))
  }

  @Test("every choice of options of a data set is removed with it")
  func removalOfVariants() throws {
    let library = DatasetLibrary(directory: folder.url.appending(path: "data"))
    for key in ["covertype", "covertype-test-0.2", "cifar100-fine", "cifar100-coarse", "cifar10"] {
      try folder.write([1], "data/blocks/\(key).block")
    }
    #expect(try library.removeFetched(name: "covertype") == 2)
    #expect(try library.removeFetched(name: "cifar10") == 1)
    #expect(try library.removeFetched(name: "cifar100") == 2)
  }

  @Test("a fetch that is called off ends at once, however little the server says")
  func calledOff() throws {
    let server = try FileServer(folder.path + "/mirror", faults: [.stall(after: 10_000)])
    defer { server.stop() }
    let received = Mutex(0)
    let started = ContinuousClock.now
    #expect(throws: DatasetError.interrupted) {
      try library(server).open(
        .mnist, progress: { progress in received.withLock { $0 = progress.received } },
        shouldStop: { received.withLock { $0 } > 0 })
    }
    // The request itself would give up after 60 s.
    #expect(ContinuousClock.now - started < .seconds(30))
    // What came is kept, and the next fetch goes on from there.
    #expect(try library(server).open(.mnist).count == 500)
    #expect(server.log.ranges.contains("bytes=10000-"))
  }

  @Test("data sets that are made of one file fetch it once, however many ask for it together")
  func oneFileForTwoKeys() throws {
    _ = try Fixtures.mirror("covertype", in: folder)
    // The first answer goes on when the second data set has come to its lock, or would have asked by itself.
    let arrived = Mutex<Set<Double>>([])
    let server = try FileServer(
      folder.path + "/mirror",
      faults: [
        .pause(until: {
          let end = ContinuousClock.now + .seconds(20)
          while arrived.withLock({ $0.count }) < 2, ContinuousClock.now < end { usleep(1_000) }
        })
      ])
    defer { server.stop() }
    let results = Mutex<[Result<Int, any Error>]>([])
    let group = DispatchGroup()
    for fraction in [0, 0.2] {
      group.enter()
      Thread.detachNewThread {
        let result = Result {
          let dataset = try library(server).open(
            .covertype(testFraction: fraction),
            shouldStop: {
              // Polled by the one that fetches and by the one that waits for it.
              _ = arrived.withLock { $0.insert(fraction) }
              return false
            })
          return (dataset.count(of: .train) ?? 0) + (dataset.count(of: .test) ?? 0)
        }
        results.withLock { $0.append(result) }
        group.leave()
      }
    }
    group.wait()
    let counts = try results.withLock { try $0.map { try $0.get() } }
    #expect(counts.count == 2 && counts[0] == counts[1])
    #expect(server.log.paths.count { $0.hasSuffix("covtype.data.gz") } == 1)
    #expect(server.log.ranges.isEmpty)
  }
}
