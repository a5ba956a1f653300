import Capacity
import Datasets
import Foundation
import HTTPServer
import Persistence
import Service
import Testing

/// Results as tables, in every format, with all rows.
@Suite struct ResultTests {
  private func text(
    _ service: TestService, _ target: String, accept: String? = nil
  ) async throws -> (response: HTTPResponse, text: String) {
    var headers = HTTPHeaders()
    if let accept { try headers.set(.accept, text: accept) }
    let response = await service.router.respond(
      to: try HTTPRequest(method: .get, target: target, headers: headers))
    return (response, String(decoding: try await response.content(), as: UTF8.self))
  }

  /// Fields of RFC 4180, read on their own terms.
  private func table(_ text: String) -> [[String: String]] {
    var rows: [[String]] = [[]]
    var field = ""
    var isQuoted = false
    var characters = Array(text.unicodeScalars)[...]
    while let character = characters.popFirst() {
      switch character {
      case "\"" where isQuoted && characters.first == "\"":
        field.unicodeScalars.append(characters.removeFirst())
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        rows[rows.count - 1].append(field)
        field = ""
      case "\r" where !isQuoted: break
      case "\n" where !isQuoted:
        rows[rows.count - 1].append(field)
        field = ""
        rows.append([])
      default: field.unicodeScalars.append(character)
      }
    }
    return rows.dropFirst().dropLast().map { Dictionary(uniqueKeysWithValues: zip(rows[0], $0)) }
  }

  @Test func aMeasurementIsARowInEveryFormat() async throws {
    try await withService(workers: 2) { service in
      let id = try await JobChangeTests.submit(
        service, 31, #", "name": "=a, \"b\"", "job": {"labels": {"project": "x"}}"#)
      let job = try await service.finished(id)
      let cancelled = try await JobChangeTests.submit(service, 32)
      _ = try await service.send(.post, "/v1/jobs/\(cancelled)/pause")
      _ = try await service.send(.post, "/v1/jobs/\(cancelled)/cancel")
      let paused = try await JobChangeTests.submit(service, 33)
      _ = try await service.send(.post, "/v1/jobs/\(paused)/pause")
      let rows = try await service.send(.get, "/v1/results").1["items"]?.arrayValue ?? []
      #expect(rows.compactMap { $0["id"]?.stringValue } == [id, cancelled])
      #expect(rows[0] == TableRow(measurement: job).json)
      #expect(rows[0]["emc"] == job["result"]?["emc"] && rows[0]["labels.project"] == .string("x"))
      #expect(rows[0]["specification.model.kind"] == .string("linear"))
      let lines = try await text(service, "/v1/results", accept: "application/x-ndjson")
      #expect(lines.response.headers[.contentType] == "application/x-ndjson")
      #expect(
        try lines.text.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) } == rows)
      // Neither says more than the other, and no Accept is needed.
      let accepted = try await text(service, "/v1/results", accept: "text/csv, */*;q=0.1")
      let asked = try await text(service, "/v1/results?format=csv", accept: "application/json")
      #expect(
        accepted.text == asked.text && asked.response.headers[.contentType]?.hasPrefix("text/csv") == true)
      let read = table(asked.text)
      #expect(read.count == 2 && read[0]["name"] == "=a, \"b\"" && read[1]["state"] == "cancelled")
      for (column, value) in read[0] {
        let cell = rows[0][column] ?? .null
        #expect(value == (cell == .null ? "" : cell.stringValue ?? cell.text()), "\(column)")
      }
      #expect(read[1]["emc"] == "" && read[1]["labels.project"] == "")
      // A part says that it is one.
      let part = try await text(service, "/v1/results?format=csv&limit=1")
      #expect(table(part.text).count == 1)
      let link = try #require(part.response.headers[.link]?.wholeMatch(of: /<(.*)>; rel="next"/)).1
      let rest = try await text(service, String(link))
      #expect(table(rest.text).compactMap { $0["id"] } == [cancelled] && rest.response.headers[.link] == nil)
      #expect(try await service.send(.get, "/v1/results?state=succeeded").1["items"]?.arrayValue?.count == 1)
      #expect(
        try await text(service, "/v1/results?format=csv&state=failed").text.split(separator: "\n").count == 1)
      for target in [
        "/v1/results?format=xml", "/v1/results?state=queued", "/v1/results?cursor=x", "/v1/results?limit=0",
      ] {
        #expect(try await text(service, target).response.status == .badRequest, "\(target)")
      }
    }
  }

  @Test func probesAndCurvesAreTablesToo() async throws {
    try await withService(workers: 2) { service in
      let id = try await JobChangeTests.submit(service, 41)
      _ = try await service.finished(id)
      let probes =
        try await service.send(.get, "/v1/jobs/\(id)/probes?limit=200").1["items"]?.arrayValue ?? []
      let read = table(try await text(service, "/v1/jobs/\(id)/probes?format=csv").text)
      #expect(read.count == probes.count && read.count > 3)
      for (row, probe) in zip(read, probes) {
        for name in ["digest", "samples", "replicate", "outcome", "steps", "loss", "blas_kernels"] {
          let cell = probe[name] ?? .null
          #expect(row[name] == (cell == .null ? "" : cell.stringValue ?? cell.text()), "\(name)")
        }
        #expect(row["curve"] == nil)
      }
      let lines = try await text(service, "/v1/jobs/\(id)/probes", accept: "application/x-ndjson").text
      #expect(lines.split(separator: "\n").count == probes.count)
      let curves =
        try await service.send(.get, "/v1/jobs/\(id)/curve?limit=1000").1["items"]?.arrayValue ?? []
      let trained = probes.filter { $0["curve"] != nil }
      #expect(curves.map { $0["digest"] } == trained.map { $0["digest"] } && !trained.isEmpty)
      for (curve, probe) in zip(curves, trained) {
        for name in ["steps", "loss", "training_accuracy"] { #expect(curve[name] == probe["curve"]?[name]) }
      }
      let points = table(try await text(service, "/v1/jobs/\(id)/curve?format=csv").text)
      #expect(
        points.count == curves.reduce(0) { $0 + ($1["steps"]?.arrayValue?.count ?? 0) } && !points.isEmpty)
      #expect(points.allSatisfy { $0["loss"] != nil && $0["steps"].flatMap(Int.init) != nil })
      #expect(try await text(service, "/v1/jobs/\(UUID())/curve").response.status == .notFound)
    }
  }

  /// More probes than are read at a time come in pieces, and nothing of them is lost or comes twice.
  @Test func manyProbesComeInPieces() async throws {
    try await withService(workers: 2) { service in
      let document = """
        {"dataset": {"name": "gaussian", "dimensions": 3}, "model": {"kind": "linear"},
         "training": {"optimizer": {"kind": "sgd"}, "max_steps": 2},
         "search": {"strategy": "grid", "sizes": [4, 5, 6], "replicates": 150}, "seed": 42}
        """
      let (accepted, submitted) = try await service.send(.post, "/v1/jobs", document)
      try #require(accepted.status == .accepted, "\(submitted)")
      let id = try #require(submitted["id"]?.stringValue)
      #expect(try await service.finished(id)["state"] == .string("succeeded"))
      let probes =
        try await service.send(.get, "/v1/jobs/\(id)/probes?limit=1000").1["items"]?.arrayValue ?? []
      let digests = probes.map { $0["digest"]?.stringValue }
      try #require(probes.count >= 450 && Set(digests).count == probes.count)

      let (response, job) = try await service.send(.get, "/v1/jobs/\(id)")
      #expect(response.isInPieces && response.headers[.contentType] == "application/json")
      let reported = job["result"]?["probes"]?.arrayValue ?? []
      let places = reported.map { probe in
        ["samples", "replicate", "max_steps"].map { probe[$0]?.integerValue ?? 0 }
      }
      #expect(places.count == probes.count && Set(places).count == places.count)
      #expect(zip(places, places.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
      #expect(job["version"] != nil && job["result"]?["emc"] != nil)
      let tag = try #require(response.headers[.etag])
      let again = try await service.send(
        .get, "/v1/jobs/\(id)", headers: ["If-None-Match": try HTTPHeaderValue(tag)])
      #expect(again.0.status == .notModified)

      for format in ["ndjson", "csv"] {
        let rows = try await text(service, "/v1/jobs/\(id)/probes?format=\(format)")
        let points = try await text(service, "/v1/jobs/\(id)/curve?format=\(format)")
        #expect(rows.response.isInPieces && points.response.isInPieces)
        func read(_ text: String) throws -> [String?] {
          if format == "csv" { return table(text).map { $0["digest"] } }
          let lines = try text.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
          return lines.map { $0["digest"]?.stringValue }
        }
        #expect(try read(rows.text) == digests)
        let counts = probes.map { $0["curve"]?["steps"]?.arrayValue?.count ?? 0 }
        let expected = zip(digests, counts).flatMap { Array(repeating: $0, count: $1) }
        #expect(try read(points.text) == expected && !expected.isEmpty)
      }
      // A part is one answer.
      #expect(try await !text(service, "/v1/jobs/\(id)/probes?format=csv&limit=300").response.isInPieces)
    }
  }

  /// The network that is handed out fits what its probe's report says it fits: the archive holds the tensors of the very run.
  @Test func aNetworkIsTrainedAgainAsItWas() async throws {
    try await withService(workers: 2) { service in
      let id = try await JobChangeTests.submit(service, 51)
      _ = try await service.finished(id)
      let probes =
        try await service.send(.get, "/v1/jobs/\(id)/probes?limit=200").1["items"]?.arrayValue ?? []
      let digest = try #require(probes.first { $0["outcome"] == .string("fit") }?["digest"]?.stringValue)
      func archive() async throws -> (HTTPResponse, Data) {
        let response = await service.router.respond(
          to: try HTTPRequest(method: .get, target: "/v1/jobs/\(id)/probes/\(digest)/artifact"))
        guard case .file = response.body else { return (response, Data()) }
        let file = service.dataDirectory.appending(path: "artifacts/\(digest).npz")
        return (response, try Data(contentsOf: file))
      }
      let (response, first) = try await archive()
      #expect(response.status == .ok && response.headers[.contentType] == "application/zip")
      #expect(first.starts(with: [0x50, 0x4B, 3, 4]))
      // What the command line saves of the probe.
      let store = JobStore(database: service.database, engineRevision: engineRevision)
      let document =
        try await store.probe(digest, of: try #require(UUID(uuidString: id)))?.specification ?? ""
      var saved = Data()
      _ = try ProbeRunner(library: service.datasets).run(
        ProbeSpecification(json: JSONValue(parsing: document.utf8)), save: { saved = try $0.npz() },
        shouldStop: { false })
      #expect(first == saved)
      let file = service.dataDirectory.appending(path: "artifacts/\(digest).npz")
      let made = try FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate] as? Date
      _ = try await archive()
      #expect(try FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate] as? Date == made)
      let none = String(repeating: "0", count: 64)
      for (target, status) in [(none, HTTPStatus.notFound), ("x", .notFound)] {
        let answer = try await service.send(.get, "/v1/jobs/\(id)/probes/\(target)/artifact").0
        #expect(answer.status == status)
      }
    }
  }

  @Test func viewsAreReadByARoleThatMayReadNothingElse() async throws {
    try await withService(workers: 2) { service in
      let id = try await JobChangeTests.submit(service, 61)
      let job = try await service.finished(id)
      try await service.database.withConnection { session in
        try session.query(Statement("role", "SET ROLE emc_reader"))
        defer { _ = try? session.query(Statement("role", "RESET ROLE")) }
        let result = try session.query(
          Statement("read", "SELECT id, state, model, emc, interval_lower, settled FROM emc_results"))
        #expect(result.count == 1)
        #expect(try result[0].value("id", as: UUID.self).uuidString.lowercased() == id)
        #expect(try result[0].optional("emc", as: Int.self) == job["result"]?["emc"]?.integerValue)
        #expect(try result[0].value("model", as: String.self) == "linear")
        let probes = try session.query(
          Statement("read", "SELECT digest, outcome, loss FROM emc_probes WHERE job_id = $1::uuid"), id)
        #expect(probes.count == job["result"]?["probes"]?.arrayValue?.count)
        for table in ["jobs", "probes", "idempotency_keys"] {
          #expect(throws: DatabaseError.self) {
            try session.query(Statement("read", "SELECT * FROM \(table)"))
          }
        }
      }
    }
  }
}
