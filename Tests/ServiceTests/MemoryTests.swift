import Capacity
import Foundation
import Persistence
import Service
import Testing

/// The memory of all workers of a process together.
@Suite struct MemoryTests {
  private func request(_ samples: Int, memory: Int?) -> ProbeRequest {
    let digest = contentDigest(of: Array("probe \(samples)".utf8))
    return ProbeRequest(
      digest: digest, trajectory: digest, samples: samples, replicate: 0, maxSteps: 1, memory: memory,
      specification: "{}")
  }

  @Test func aJobWhoseProbesNoMachineHereCanHoldSaysSoUntilOneCan() async throws {
    try await withDatabase { database in
      let jobs = JobStore(database: database, engineRevision: engineRevision)
      let queue = ProbeQueue(database: database, engineRevision: engineRevision)
      func submit(_ requests: [ProbeRequest]) async throws -> JobRecord {
        let job = try await jobs.submit(JobSubmission(specification: "{}"))
        _ = try await jobs.advance(id: job.id) { history in
          history.isWaiting ? .wait(progress: nil) : .enqueue(requests, progress: nil)
        }
        return job
      }
      func claim(_ memory: Int) async throws -> ClaimedProbe? {
        try await queue.claim(ProbeClaimant(worker: "w", memory: memory), limit: 1).first
      }
      let both = try await submit([request(1, memory: 600), request(2, memory: 2000)])
      let large = try await submit([request(3, memory: 3 << 20)])
      #expect(try await claim(1000)?.samples == 1)
      #expect(try await claim(1000) == nil)
      let mixed = try await submit([request(4, memory: 600), request(5, memory: 2000)])
      try await jobs.setWaitingForMemory(above: 1000)
      // One of its probes can be held here, and is next.
      #expect(try await jobs.job(mixed.id)?.waitingFor == nil)
      #expect(try await claim(1000)?.samples == 4)
      // One of its probes runs: it waits for nothing.
      #expect(try await jobs.job(both.id)?.waitingFor == nil)
      #expect(try await jobs.job(large.id)?.waitingFor?.contains("3 MiB") == true)
      // Who can hold it takes it, and it waits no more.
      #expect(Set([try await claim(4 << 20)?.samples, try await claim(4 << 20)?.samples]) == [2, 3])
      #expect(try await claim(4 << 20)?.samples == 5)
      #expect(try await jobs.job(large.id)?.waitingFor == nil)
    }
  }

  @Test func aJobKeepsTheLimitOfMemoryThatItWasAdmittedWith() async throws {
    let body = """
      {"dataset": {"name": "prototypes", "height": 8, "width": 8, "classes": 2, "difficulty": 0},
       "model": {"kind": "linear"}, "training": {"batch_size": 8, "max_steps": 50}, "search": {"replicates": 1}}
      """
    let admission = try Admission(json: JSONValue(parsing: body.utf8))
    let needed = admission.footprint(samples: 150).memory.peak
    let url = try await TestCluster.shared.makeDatabase()
    try await withService(url: url, memoryLimit: needed) { small in
      let id = try #require(try await small.send(.post, "/v1/jobs", body).1["id"]?.stringValue)
      // A machine with more memory trains it, to the same end.
      let ended = try await withService(workers: 2, url: url) { try await $0.finished(id) }
      #expect(ended["result"]?["bounded_by"] == .string("memory"), "\(ended["error"]?.text() ?? "")")
      let emc = try #require(ended["result"]?["emc"]?.integerValue)
      #expect(emc >= 150 && admission.footprint(samples: emc).memory.peak <= needed)
      #expect(admission.footprint(samples: emc + 1).memory.peak > needed)
    }
  }

  @Test func aNetworkThatALargerMachineTrainedIsNotTrainedAgainOnASmallerOne() async throws {
    let url = try await TestCluster.shared.makeDatabase()
    try await withService(workers: 2, url: url) { large in
      let id = try await JobChangeTests.submit(large, 71)
      _ = try await large.finished(id)
      let probes = try await large.send(.get, "/v1/jobs/\(id)/probes?limit=200").1["items"]?.arrayValue ?? []
      let digest = try #require(probes.first { $0["outcome"] == .string("fit") }?["digest"]?.stringValue)
      let path = "/v1/jobs/\(id)/probes/\(digest)/artifact"
      try await withService(url: url, memoryLimit: 1_000) { small in
        let (response, problem) = try await small.send(.get, path)
        #expect(response.status == .conflict)
        #expect(problem["type"] == .string("urn:emc:problem:no-artifact"))
        let memory = try #require(problem["memory"]?.integerValue)
        #expect(memory > 1_000 && problem["memory_limit"] == .integer(1_000))
        let detail = problem["detail"]?.stringValue ?? ""
        #expect(detail.contains("\(memory) bytes") && detail.contains("1000 together"))
        let folder = small.dataDirectory.appending(path: "artifacts")
        #expect(!FileManager.default.fileExists(atPath: folder.path))
      }
      #expect(try await large.send(.get, path).0.status == .ok)
    }
  }
}
