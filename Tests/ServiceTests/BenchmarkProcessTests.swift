import Capacity
import Foundation
import Testing

/// `emc benchmark` as a user runs it, on the smallest workload.
@Suite(.serialized) struct BenchmarkProcessTests {
  /// The one object that it prints.
  private func measured(_ arguments: String...) async throws -> JSONValue {
    try await withFolder { folder in
      let output = Pipe()
      let command = try EMCProcess(
        ["benchmark", "--workload", "mlp", "--rounds", "1", "--json"] + arguments, in: folder, output: output)
      #expect(try await command.exitCode() == 0, "\(command.log)")
      try output.fileHandleForWriting.close()
      let rows = try JSONValue(parsing: output.fileHandleForReading.readDataToEndOfFile()).arrayValue
      #expect(rows?.count == 1)
      let row = try #require(rows?.first)
      #expect(row["workload"] == .string("mlp"))
      #expect(row["blas_kernels"]?.stringValue?.isEmpty == false)
      return row
    }
  }

  private func number(_ row: JSONValue, _ name: String) throws -> Double {
    try #require(row[name]?.doubleValue, "\(name) in \(row.text())")
  }

  @Test func aStepAndTheShareOfItsGather() async throws {
    let row = try await measured()
    #expect(try number(row, "microseconds_per_step") > 0)
    let share = try number(row, "share_of_bound")
    let rate = try number(row, "gflops") / number(row, "sgemm_gflops")
    #expect(abs(share - rate) < 1e-9)
    let gather = try number(row, "gather_share")
    #expect(gather > 0 && gather < 1)
  }

  @Test(arguments: ["shards", "probes"])
  func threadsAgainstOne(kind: String) async throws {
    let row = try await measured("--\(kind)", "2")
    #expect(row["kind"] == .string(kind))
    #expect(row["count"] == .integer(2))
    // With one round the medians are the values themselves.
    let ratio = try number(row, "steps_per_second_together") / number(row, "steps_per_second_alone")
    #expect(abs(ratio - (try number(row, "ratio"))) < 1e-9)
    // How large they are, the machine decides.
    #expect(ratio > 0)
    #expect(try number(row, "product_ratio") > 0)
  }

  @Test func whatEvaluationsCost() async throws {
    let row = try await measured("--evaluations")
    let probes = try #require(row["probes"]?.arrayValue)
    let outcomes = probes.map { $0["outcome"]?.stringValue }
    #expect(outcomes == Array(repeating: "fit", count: probes.count - 1) + ["budget"])
    for (probe, larger) in zip(probes, probes.dropFirst()) {
      #expect(try number(larger, "samples") == 2 * number(probe, "samples"))
    }
    let (seconds, evaluating) = (try number(row, "seconds"), try number(row, "evaluation_seconds"))
    // The last check of each fit went over all samples, so did each report.
    #expect(evaluating > 0 && evaluating < seconds)
    #expect(abs(try probes.reduce(0) { try $0 + number($1, "evaluation_seconds") } - evaluating) < 1e-9)
    #expect(abs(try number(row, "evaluation_share") - evaluating / (seconds - evaluating)) < 1e-9)
  }

  @Test(arguments: [
    (["--shards", "1"], "--shards"), (["--probes", "65"], "--probes"), (["--rounds", "0"], "--rounds"),
    (["--workload", "rnn"], "rnn"), (["--probes", "2", "--evaluations"], "one at a time"),
    (["--shards", "2", "--probes", "2"], "one at a time"),
  ])
  func wrongUsage(_ arguments: [String], _ says: String) async throws {
    try await withFolder { folder in
      let command = try EMCProcess(["benchmark"] + arguments, in: folder)
      #expect(try await command.exitCode() == 2)
      #expect(command.log.contains(says))
    }
  }
}
