import Capacity
import Datasets
import Foundation
import HTTPServer
import Persistence

/// The routes of data sets: the catalogue and what users have added.
struct DatasetsController: Sendable {
  let datasets: DatasetLibrary
  let jobs: JobStore
  /// Bytes of an upload's body.
  let uploadLimit: Int

  /// Decoding what has been received may take its time.
  private static let uploadDeadline = Duration.seconds(3_600)

  func register(on router: inout Router) {
    router.on(.post, "/v1/datasets", deadline: Self.uploadDeadline) { try await add($0) }
    router.on(.get, "/v1/datasets") { try await list($0) }
    router.on(.get, "/v1/datasets/{name}", parameters: []) { try await .json(description(of: $0)) }
    router.on(.get, "/v1/datasets/{name}/preview", parameters: ["rows", "split"]) { try await preview($0) }
    router.on(.delete, "/v1/datasets/{name}", parameters: []) { try await remove($0) }
  }

  /// 201 with the data set, 200 where the name had the same content before and for a dry run, which keeps nothing;
  /// nothing is registered otherwise.
  private func add(_ request: HTTPRequest) async throws -> HTTPResponse {
    try request.checkContentIsPlain()
    var form = UploadForm()
    try request.checkParameters([], repeatable: Set(UploadForm.names))
    for (name, value) in request.query { try form.add(name, value) }
    if let name = form.name { try datasets.checkName(name) }
    let upload = try await onOwnThread { [datasets, uploadLimit] in
      try datasets.beginUpload(limit: uploadLimit)
    }
    // Nothing is left when the answer is read.
    defer { upload.delete() }
    let body = request.body.limited(to: uploadLimit)
    let contentType = request.headers[.contentType]
    if let boundary = try MultipartParser.boundary(ofContentType: contentType) {
      try await form.receive(body, boundary: boundary, into: UploadWriter(upload))
    } else {
      form.file = .body(contentType: contentType)
      // What can be refused is refused before the body is received.
      _ = (try form.checkedName(), try form.format())
      var writer = UploadWriter(upload)
      for try await piece in body { try await writer.write(piece) }
      try await writer.flush()
    }
    let name = try form.checkedName()
    let format = try form.format()
    let file = form.fileName
    let isDryRun = form.isDryRun
    let addition = try await detachedFromCancellation {
      try upload.finish(name: name, format: format, shownAs: file, isDryRun: isDryRun)
    }
    if isDryRun { return .json(addition.dataset.detailedJSON) }
    var response = HTTPResponse.json(addition.dataset.detailedJSON, status: addition.isNew ? .created : .ok)
    try response.headers.set(.location, text: "/v1/datasets/\(name)")
    return response
  }

  /// The catalogue and what was added, in order of their names.
  private func list(_ request: HTTPRequest) async throws -> HTTPResponse {
    let page = try Page(request, cursor: { !$0.isEmpty && $0.utf8.count <= 64 })
    let items = try await onOwnThread { [datasets] in
      let added = try datasets.stored().map { (name: $0.name, json: $0.json) }
      let entries = Catalogue.entries.map { (name: $0.name, json: $0.json(cached: datasets.isCached($0))) }
      return (added + entries).sorted { $0.name < $1.name }
        .filter { [cursor = page.cursorText ?? ""] in $0.name > cursor }
    }
    let shown = items.prefix(page.limit)
    return try page.response(
      shown.map { .value($0.json) }, nextText: items.count > shown.count ? shown.last?.name : nil,
      request: request)
  }

  private func description(of request: HTTPRequest) async throws -> JSONValue {
    let name = request.pathParameters["name"] ?? ""
    return try await onOwnThread { [datasets] in
      if let entry = Catalogue.entry(named: name) { return entry.json(cached: datasets.isCached(entry)) }
      guard let entry = try datasets.stored(named: name) else {
        throw DatasetError.unknownDataset(name: name)
      }
      return entry.detailedJSON
    }
  }

  /// The first samples as they were decoded.
  private func preview(_ request: HTTPRequest) async throws -> HTTPResponse {
    let name = request.pathParameters["name"] ?? ""
    let rows = try request.parameter("rows", in: 0...DatasetPreview.limit) ?? 5
    let text = try request.parameter("split") ?? Split.train.rawValue
    guard let split = Split(rawValue: text) else {
      throw ProblemDocument.parameter("split", text, allowed: "train or test")
    }
    return .json(
      try await onOwnThread { [datasets] in
        do {
          return try datasets.preview(name: name, rows: rows, split: split).json
        } catch DatasetError.unknownDataset where Catalogue.entry(named: name) != nil {
          throw ProblemDocument(
            .noSuchDataset,
            detail:
              "\(name) belongs to the catalogue, and no samples of it are here: published ones can be shown once a job "
              + "has fetched them, generated ones can't")
        }
      })
  }

  private func remove(_ request: HTTPRequest) async throws -> HTTPResponse {
    let name = request.pathParameters["name"] ?? ""
    guard Catalogue.entry(named: name) == nil else {
      throw ProblemDocument(
        .datasetNotRemovable,
        detail: "\(name) belongs to the catalogue; only data sets that were added can be removed")
    }
    guard let entry = try await onOwnThread({ [datasets] in try datasets.stored(named: name) }) else {
      throw DatasetError.unknownDataset(name: name)
    }
    let job = try await jobs.liveJob(onDataset: entry.digest) { [datasets] in
      // The name may have been given to other data since.
      guard try datasets.stored(named: name)?.digest == entry.digest else {
        throw DatasetError.unknownDataset(name: name)
      }
      try datasets.remove(name: name)
    }
    if let job {
      throw ProblemDocument(
        .datasetNeeded,
        detail: "the job \(job.shown) on \(name) is not over: wait for its end or cancel it"
      )
    }
    return HTTPResponse(status: .noContent)
  }
}
