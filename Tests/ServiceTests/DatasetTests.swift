import Capacity
import Datasets
import Foundation
import HTTPServer
import Persistence
import Testing

/// 60 rows of two noisy columns and a class.
let flowers =
  "a,b,kind\n"
  + (0..<60).map {
    "\(Double($0 * 37 % 101) / 10),\(Double($0 * 53 % 89) / 10),\(["p", "q", "r"][$0 * 7 % 3])\n"
  }
  .joined()

private let specification = """
  {"dataset": DATASET, "model": {"kind": "linear"}, "labels": {"kind": "random"},
   "training": {"max_steps": 300}, "search": {"initial_samples": 4, "replicates": 2}, "seed": 5}
  """

func measurement(of dataset: String) -> String { specification.replacing("DATASET", with: dataset) }

private func form(_ fields: [(String, String)], file: String, filename: String = "flowers.csv") -> String {
  fields.map { "--b\r\nContent-Disposition: form-data; name=\"\($0)\"\r\n\r\n\($1)\r\n" }.joined()
    + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(filename)\"\r\n"
    + "Content-Type: application/octet-stream\r\n\r\n\(file)\r\n--b--\r\n"
}

private let multipart: HTTPHeaders = ["Content-Type": "multipart/form-data; boundary=b"]

/// Files of uploads and of decoding that are not registered.
private func leftovers(_ service: TestService) throws -> [String] {
  let directory = service.dataDirectory
  return ["uploads", "blocks"].flatMap {
    (try? FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/\($0)")) ?? []
  }.filter { !$0.hasPrefix("content-") }
}

@Suite struct DatasetTests {
  /// A network is trained again to be handed out: without its data that can't be.
  @Test func aNetworkOfRemovedDataIsAConflict() async throws {
    try await withService(workers: 2) { service in
      let (created, dataset) = try await service.send(
        .post, "/v1/datasets?name=flowers&format=csv&class_column=kind", flowers)
      #expect(created.status == .created)
      let content = try #require(dataset["digest"]?.stringValue)
      let submitted = try await service.send(.post, "/v1/jobs", measurement(of: #"{"name": "flowers"}"#)).1
      let id = try #require(submitted["id"]?.stringValue)
      _ = try await service.finished(id)
      let probes =
        try await service.send(.get, "/v1/jobs/\(id)/probes?limit=200").1["items"]?.arrayValue ?? []
      let probe = try #require(probes.first { $0["outcome"]?.stringValue != nil }?["digest"]?.stringValue)
      #expect(try await service.send(.delete, "/v1/datasets/flowers").0.status == .noContent)
      let (response, problem) = try await service.send(.get, "/v1/jobs/\(id)/probes/\(probe)/artifact")
      #expect(response.status == .conflict)
      #expect(problem["type"] == .string("urn:emc:problem:no-artifact"))
      let detail = problem["detail"]?.stringValue ?? ""
      #expect(detail.contains("isn't stored here any more") && detail.contains(content), "\(detail)")
    }
  }

  @Test func anUploadIsMeasuredAsTheFileIsOnTheCommandLine() async throws {
    let job = try await withService(workers: 2) { service in
      let (created, dataset) = try await service.send(
        .post, "/v1/datasets?name=flowers&format=csv&class_column=kind", flowers)
      #expect(created.status == .created)
      #expect(created.headers[.location] == "/v1/datasets/flowers")
      #expect(dataset["training_samples"] == .integer(60))
      #expect(dataset["class_names"] == .array([.string("p"), .string("q"), .string("r")]))
      let (found, again) = try await service.send(.get, "/v1/datasets/flowers")
      #expect(found.status == .ok && again == dataset)

      let submitted = try await service.send(.post, "/v1/jobs", measurement(of: #"{"name": "flowers"}"#)).1
      #expect(submitted["specification"]?["dataset"]?["digest"] == dataset["digest"])
      let job = try await service.finished(try #require(submitted["id"]?.stringValue))
      #expect(try await service.send(.delete, "/v1/datasets/flowers").0.status == .noContent)
      #expect(try await service.send(.get, "/v1/datasets/flowers").0.status == .notFound)
      #expect(try await service.send(.delete, "/v1/datasets/flowers").0.status == .notFound)
      return job
    }
    #expect(job["state"] == .string("succeeded"), "\(job["error"]?.text() ?? "")")
    try await withFolder { folder in
      let path = folder.appending(path: "flowers.csv")
      try Data(flowers.utf8).write(to: path)
      let library = DatasetLibrary(directory: folder.appending(path: "data"))
      let parsed = try MeasurementSpecification(
        json: JSONValue(parsing: measurement(of: #"{"name": "csv", "path": "\#(path.path)"}"#).utf8),
        datasets: DatasetResolver(library: library, documents: .operators))
      let local = try LocalMeasurement(specification: parsed, library: library, workers: 1).run()
      #expect(
        comparable(job["result"])
          == comparable(try JSONValue(parsing: local.result.json(withProbes: local.probes).text().utf8)))
    }
  }

  @Test func whatWasUnderstoodIsAnsweredAndADryRunKeepsNothing() async throws {
    try await withService { service in
      let text = "a,b,kind\n" + (0..<20).map { "\($0 % 7 == 3 ? "?" : "\($0)"),5,\($0 % 2)\n" }.joined()
      let (tried, dry) = try await service.send(.post, "/v1/datasets?name=t&format=csv&dry_run=true", text)
      #expect(tried.status == .ok && tried.headers[.location] == nil)
      #expect(try await service.send(.get, "/v1/datasets/t").0.status == .notFound)
      #expect(try leftovers(service).isEmpty)
      let (created, added) = try await service.send(.post, "/v1/datasets?name=t&format=csv", text)
      #expect(created.status == .created)
      #expect(added["inferred"] == dry["inferred"] && added["warnings"] == dry["warnings"])
      let columns = try #require(added["inferred"]?["columns"]?.arrayValue)
      #expect(columns.map { $0["name"]?.stringValue } == ["a", "b", "kind"])
      #expect(columns.map { $0["missing"]?.integerValue } == [3, 0, 0])
      #expect(added["inferred"]?["header_rows"] == .integer(1))
      let kinds = added["warnings"]?.arrayValue?.compactMap { $0["kind"]?.stringValue }
      #expect(kinds?.contains("missing_values") == true && kinds?.contains("constant_column") == true)
      let (wrong, problem) = try await service.send(
        .post, "/v1/datasets?name=u&format=csv&dry_run=maybe", text)
      #expect(wrong.status == .unprocessableContent)
      #expect(problem["errors"]?.arrayValue?.first?["parameter"] == .string("dry_run"))
      // A parameter that no upload has is one that the route doesn't know, as anywhere.
      let (unknown, stranger) = try await service.send(
        .post, "/v1/datasets?name=u&format=csv&split=test", text)
      #expect(unknown.status == .badRequest)
      #expect(stranger["type"] == .string("urn:emc:problem:parameter-not-allowed"))
      // Other names of the classes are other data.
      let renamed = text.replacing(",0\n", with: ",no\n").replacing(",1\n", with: ",yes\n")
      #expect(try await service.send(.post, "/v1/datasets?name=t&format=csv", renamed).0.status == .conflict)
    }
  }

  @Test func optionsOfTablesMayBeRepeated() async throws {
    try await withService { service in
      let text = "id,a,b,k\nx,1,low,NA\ny,-9,2,EU\nz,3,3,NA\n"
      let options =
        "missing_values=low&missing_values=-9&ignore_columns=id&class_values=NA&missing=median&decimal_mark=."
      let (created, added) = try await service.send(.post, "/v1/datasets?name=t&format=csv&\(options)", text)
      #expect(created.status == .created, "\(added.text())")
      #expect(added["class_names"] == .array([.string("EU"), .string("NA")]))
      let preview = try await service.send(.get, "/v1/datasets/t/preview?rows=2").1
      #expect(preview["columns"] == .array([.string("a"), .string("b")]))
      let rows = try #require(preview["rows"]?.arrayValue)
      #expect(rows.map { $0["inputs"]?.arrayValue?.compactMap(\.doubleValue) } == [[1, 2.5], [2, 2]])
      #expect(rows.map { $0["class"]?.stringValue } == ["NA", "EU"])
      #expect(try await service.send(.get, "/v1/datasets/t/preview?split=test").1["rows"] == .array([]))
      for wrong in ["rows=101", "rows=x", "split=dev"] {
        #expect(
          try await service.send(.get, "/v1/datasets/t/preview?\(wrong)").0.status == .badRequest)
      }
      #expect(try await service.send(.get, "/v1/datasets/nothing/preview").0.status == .notFound)
      for wrong in ["missing=zero", "thousands=x", "encoding=ebcdic", "decimal_mark=;", "comment=ab"] {
        #expect(
          try await service.send(.post, "/v1/datasets?name=u&format=csv&\(wrong)", text).0.status
            == .unprocessableContent, "\(wrong)")
      }
    }
  }

  @Test func aFormIsAnUploadToo() async throws {
    try await withService { service in
      let body = form(
        [("name", "flowers"), ("class_column", "kind"), ("column_type", "b=ignored")], file: flowers)
      let (created, dataset) = try await service.send(.post, "/v1/datasets", body, headers: multipart)
      #expect(created.status == .created)
      #expect(dataset["shape"] == .array([.integer(1)]))
      // Options may stand in the query, and the same content again changes nothing.
      let second = form([], file: flowers.replacing(",", with: ";"))
      let (same, again) = try await service.send(
        .post, "/v1/datasets?name=flowers&column_type=1%3Dignored", second, headers: multipart)
      #expect(same.status == .ok && again["digest"] == dataset["digest"])
      #expect(again["created_at"] == dataset["created_at"])
      let (other, problem) = try await service.send(
        .post, "/v1/datasets?name=flowers", form([], file: flowers), headers: multipart)
      #expect(other.status == .conflict)
      #expect(problem["detail"]?.stringValue?.contains("flowers") == true)
      #expect(try await service.send(.get, "/v1/datasets/flowers").1 == dataset)
      #expect(try leftovers(service).isEmpty)
    }
  }

  @Test func theListHasTheCatalogueAndWhatWasAddedByName() async throws {
    try await withService { service in
      for name in ["zebra", "alpha"] {
        _ = try await service.send(.post, "/v1/datasets?name=\(name)&format=csv", flowers)
      }
      var seen: [JSONValue] = []
      var target: String? = "/v1/datasets?limit=5"
      while let page = target {
        let (response, list) = try await service.send(.get, page)
        #expect(response.status == .ok)
        seen += list["items"]?.arrayValue ?? []
        target = list["next"]?.stringValue.map { "/v1/datasets?limit=5&cursor=\($0)" }
        #expect((response.headers[.link] != nil) == (target != nil))
      }
      let names = seen.compactMap { $0["name"]?.stringValue }
      #expect(names == (Catalogue.entries.map(\.name) + ["alpha", "zebra"]).sorted())
      let mnist = try #require(seen.first { $0["name"] == .string("mnist") })
      #expect(mnist["cached"] == .bool(false) && mnist["training_samples"] == .integer(60_000))
      #expect(mnist["shape"] == .array([.integer(28), .integer(28), .integer(1)]))
      // As the authors' file has been known since.
      let images = try #require(mnist["files"]?.arrayValue?.first)
      #expect(images["name"] == .string("train-images-idx3-ubyte.gz"))
      #expect(images["url"]?.stringValue?.hasSuffix("/train-images-idx3-ubyte.gz") == true)
      #expect(
        images["sha256"]
          == .string("440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"))
      #expect(try await service.send(.get, "/v1/datasets/mnist").1 == mnist)
    }
  }

  @Test(arguments: [
    ("?format=csv", HTTPStatus.unprocessableContent, "name"), ("?name=x", .unprocessableContent, "format"),
    ("?name=x&format=xls", .unprocessableContent, "format"),
    ("?name=x&format=imagenet&height=8&width=8", .unprocessableContent, "format"),
    ("?name=x&format=csv&height=8", .unprocessableContent, "height"),
    ("?name=x&format=csv&test_fraction=2", .unprocessableContent, "test_fraction"),
    ("?name=x&format=csv&colour=red", .badRequest, "colour"),
    ("?name=x&name=y&format=csv", .unprocessableContent, "name"),
    ("?name=X&format=csv", .unprocessableContent, "'X'"),
    ("?name=..%2Fx&format=csv", .unprocessableContent, "../x"),
    ("?name=mnist&format=csv", .conflict, "mnist"), ("?name=x&format=npy", .unprocessableContent, "x"),
    ("?name=x&format=csv&class_column=none", .unprocessableContent, "class_column is 'none'"),
  ])
  func whatCannotBeAddedIsToldWhy(_ query: String, _ status: HTTPStatus, _ says: String) async throws {
    try await withService { service in
      let (response, problem) = try await service.send(.post, "/v1/datasets\(query)", flowers)
      #expect(response.status == status)
      #expect(response.headers[.contentType] == "application/problem+json")
      #expect(problem.text().contains(says))
      #expect(try service.datasets.stored().isEmpty)
      #expect(try leftovers(service).isEmpty)
    }
  }

  @Test func aFaultOfTheFileIsToldWithItsPlace() async throws {
    try await withService(uploadLimit: 4_000) { service in
      let (ragged, problem) = try await service.send(
        .post, "/v1/datasets", form([("name", "x")], file: "a,b\n1,2\n3\n", filename: "my/r.csv"),
        headers: multipart)
      #expect(ragged.status == .unprocessableContent)
      #expect(problem["errors"]?.arrayValue?.first?["row"] == .integer(3))
      #expect(problem["errors"]?.arrayValue?.first?["file"] == .string("r.csv"))
      let (large, _) = try await service.send(
        .post, "/v1/datasets?name=x&format=csv", String(repeating: flowers, count: 10))
      #expect(large.status == .contentTooLarge)
      let whole = form([("name", "x")], file: flowers)
      for (body, status) in [
        (String(whole.dropLast(6)), HTTPStatus.badRequest),
        (form([("size", "3")], file: flowers), .unprocessableContent),
        (form([], file: flowers), .unprocessableContent), ("--b--", .unprocessableContent),
        (whole.replacing("--b--\r\n", with: form([], file: flowers)), .unprocessableContent),
      ] {
        #expect(try await service.send(.post, "/v1/datasets", body, headers: multipart).0.status == status)
      }
      #expect(try service.datasets.stored().isEmpty)
      #expect(try leftovers(service).isEmpty)
    }
  }

  @Test func whatALiveJobNeedsStays() async throws {
    try await withService { service in
      _ = try await service.send(.post, "/v1/datasets?name=flowers&format=csv", flowers)
      let job = try await service.send(.post, "/v1/jobs", measurement(of: #"{"name": "flowers"}"#)).1
      let id = try #require(job["id"]?.stringValue)
      let (refused, problem) = try await service.send(.delete, "/v1/datasets/flowers")
      #expect(refused.status == .conflict && problem["detail"]?.stringValue?.contains(id) == true)
      _ = try await service.send(.post, "/v1/jobs/\(id)/cancel")
      #expect(try await service.send(.delete, "/v1/datasets/flowers").0.status == .noContent)
      #expect(try await service.send(.delete, "/v1/datasets/mnist").0.status == .conflict)
    }
  }

  /// Either the job is there and its data stay, or they go and the submission is told so.
  @Test func submissionsAndRemovalsOfTheSameDataExcludeEachOther() async throws {
    try await withService { service in
      var refusals = (submissions: 0, removals: 0)
      for round in 0..<40 {
        _ = try await service.send(.post, "/v1/datasets?name=flowers&format=csv", flowers)
        async let submission = service.send(.post, "/v1/jobs", measurement(of: #"{"name": "flowers"}"#))
        // Now one, now the other is the first to look.
        if round % 2 == 0 { try await Task.sleep(for: .microseconds(round * 100)) }
        async let removal = service.send(.delete, "/v1/datasets/flowers")
        let ((submitted, job), (removed, _)) = (try await submission, try await removal)
        if submitted.status == .accepted {
          #expect(removed.status == .conflict)
          refusals.removals += 1
          let id = try #require(job["id"]?.stringValue)
          _ = try await service.send(.post, "/v1/jobs/\(id)/cancel")
        } else {
          #expect(submitted.status == .unprocessableContent)
          #expect(job["errors"]?.arrayValue?.first?["pointer"] == .string("/dataset/name"))
          #expect(removed.status == .noContent)
          refusals.submissions += 1
        }
      }
      print("\(refusals.submissions) submissions and \(refusals.removals) removals refused")
    }
  }

  @Test func pathsOfTheServerAreRefused() async throws {
    try await withService { service in
      let (response, problem) = try await service.send(
        .post, "/v1/jobs", measurement(of: #"{"name": "csv", "path": "/etc/passwd"}"#))
      #expect(response.status == .unprocessableContent)
      let fault = problem["errors"]?.arrayValue?.first
      #expect(fault?["pointer"] == .string("/dataset/name"))
      #expect(fault?["detail"]?.stringValue?.contains("POST /v1/datasets") == true)
    }
  }
}
