import Capacity
import Datasets
import Foundation
import HTTPServer
import Service
import Testing

private func specification(_ members: String) -> String {
  #"{"dataset": {"name": "gaussian", "dimensions": 10}, "model": {"kind": "linear"}, \#(members)}"#
}

/// What jobs cost, and their limits.
@Suite struct JobCostTests {
  @Test func aDryRunAnswersWhatAJobWouldCostAndStoresNothing() async throws {
    try await withService { service in
      let (response, cost) = try await service.send(
        .post, "/v1/jobs?dry_run=true",
        specification(#""search": {"strategy": "grid", "sizes": [10, 20], "replicates": 5}"#))
      #expect(response.status == .ok)
      #expect(cost["probes"]?["median"] == .integer(10) && cost["probes"]?["p90"] == .integer(10))
      for name in ["flops", "memory", "seconds"] { #expect((cost[name]?.doubleValue ?? 0) > 0) }
      #expect(try await service.send(.get, "/v1/jobs").1["items"] == .array([]))
      // Faults are found as a submission finds them.
      let (refused, problem) = try await service.send(
        .post, "/v1/jobs?dry_run=true", specification(#""seed": -1"#))
      #expect(refused.status == .unprocessableContent)
      #expect(problem["errors"]?.arrayValue?.first?["pointer"] == .string("/seed"))
      #expect(try await service.send(.post, "/v1/jobs?dry_run=1", "{}").0.status == .badRequest)
    }
  }

  /// A training that would take days is let go of when the time is up, and the worker has room for others.
  @Test func timeEndsAJobWithWhatIsKnown() async throws {
    try await withService(workers: 1) { service in
      let endless = specification(
        #""training": {"max_steps": 1000000000, "optimizer": {"learning_rate": 1e-12}}, "search": {"strategy": "grid", "sizes": [64]}, "limits": {"max_seconds": 0.2}"#
      )
      let id = try #require(try await service.send(.post, "/v1/jobs", endless).1["id"]?.stringValue)
      let job = try await service.finished(id)
      #expect(job["state"] == .string("succeeded"))
      #expect(job["result"]?["ended_by"] == .string("max_seconds"))
      #expect(job["result"]?["reproducible"] == .bool(false))
      #expect(job["result"]?["probes"] == .array([]))
      let probes = try await service.send(.get, "/v1/jobs/\(id)/probes").1
      #expect(probes["items"] == .array([]))
      let next = specification(#""search": {"strategy": "grid", "sizes": [4], "replicates": 1}"#)
      let other = try #require(try await service.send(.post, "/v1/jobs", next).1["id"]?.stringValue)
      #expect(try await service.finished(other)["result"]?["ended_by"] == .string("search"))
    }
  }

  @Test func operationsEndAJobAsTheyEndTheCommand() async throws {
    let text = specification(
      #""training": {"max_steps": 400}, "search": {"initial_samples": 8}, "limits": {"max_flops": 5e6}"#)
    let local = try LocalMeasurement(
      specification: MeasurementSpecification(json: JSONValue(parsing: text.utf8)),
      library: DatasetLibrary(directory: FileManager.default.temporaryDirectory), workers: 1
    ).run()
    let job = try await withService(workers: 2) { service in
      let id = try #require(try await service.send(.post, "/v1/jobs", text).1["id"]?.stringValue)
      return try await service.finished(id)
    }
    #expect(job["result"]?["ended_by"] == .string("max_flops"))
    #expect(
      comparable(job["result"])
        == comparable(try JSONValue(parsing: local.result.json(withProbes: local.probes).text().utf8)))
  }
}

/// Jobs that choose their procedure.
@Suite struct TunedJobTests {
  /// Rows of probes belong to several experiments of one job.
  @Test func aJobRacesAsTheCommandDoes() async throws {
    let text = """
      {"dataset": {"name": "gaussian", "dimensions": 8}, "labels": {"kind": "random"}, "model": {"kind": "linear"},
       "training": {"max_steps": 300}, "seed": 5,
       "search": {"initial_samples": 8, "relative_width": 0.8, "max_probes": 16,
         "tune": {"/training/optimizer/learning_rate": [1e-7, 0.1]}}}
      """
    let local = try LocalMeasurement(
      specification: MeasurementSpecification(json: JSONValue(parsing: text.utf8)),
      library: DatasetLibrary(directory: FileManager.default.temporaryDirectory), workers: 1
    ).run()
    let (job, probes) = try await withService(workers: 2) { service in
      let id = try #require(try await service.send(.post, "/v1/jobs", text).1["id"]?.stringValue)
      let job = try await service.finished(id)
      return (job, try await service.send(.get, "/v1/jobs/\(id)/probes?limit=200").1)
    }
    #expect(job["state"] == .string("succeeded"), "\(job["error"]?.text() ?? "")")
    let expected = try JSONValue(
      parsing: local.result.json(withProbes: local.probes.filter { $0.address.candidate == nil }).text().utf8)
    #expect(comparable(job["result"]) == comparable(expected))
    #expect(job["progress"]?["tuning"]?["finished"] == .bool(true))
    // The race's own probes are the job's, but no part of what was measured.
    let raced = try #require(job["result"]?["tuning"]?["cost"]?["probes"]?.integerValue)
    let measured = try #require(job["result"]?["probes"]?.arrayValue?.count)
    #expect(raced > 0 && measured > 0)
    #expect(probes["items"]?.arrayValue?.count == raced + measured)
  }
}
