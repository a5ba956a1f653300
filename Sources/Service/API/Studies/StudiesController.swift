import Capacity
import Datasets
import Foundation
import HTTPServer
import Persistence

/// The routes of studies.
struct StudiesController: Sendable {
  let studies: StudyStore
  let jobs: JobStore
  let datasets: DatasetLibrary
  let keys: IdempotencyKeys
  let tokens: TokenStore
  let webhooks: WebhookStore
  let sender: WebhookSender
  /// Says when something has changed, to those who wait; nil where nobody listens.
  let feed: JobFeed?
  /// Bytes that the probes of a job may take by themselves.
  let memoryLimit: Int
  /// Probes that this process trains at once.
  let workers: Int
  /// Costs that are being foretold at the same time, of jobs too.
  let forecasts: Budget
  /// Documents that are being decoded at the same time.
  let decoders = Budget(2)
  let comparisons = StudyComparisons()

  func register(on router: inout Router) {
    router.on(.post, "/v1/studies", parameters: ["dry_run"]) { try await submit($0) }
    router.on(.get, "/v1/studies") { try await list($0) }
    router.on(.get, "/v1/studies/{id}", parameters: ["wait"]) { request in
      try await LongPoll(feed).answerOnceEnded(request) { try await describe(request) }
    }
    router.on(.get, "/v1/studies/{id}/comparison", parameters: ["wait"]) { request in
      try await LongPoll(feed).answer(request) {
        let comparison = try await comparison(study(request))
        return try await onOwnThread { .json(comparison.json) }
      }
    }
    router.on(.get, "/v1/studies/{id}/results.csv", parameters: ["wait"]) { request in
      try await LongPoll(feed).answer(request) { try await results(request) }
    }
    router.on(.get, "/v1/studies/{id}/plot.svg", parameters: []) { request in
      let study = try await study(request)
      let comparison = try await comparison(study)
      return try await onOwnThread {
        let document = JSONValue.object([
          "name": study.name.map(JSONValue.string) ?? .null, "comparison": comparison.json,
        ])
        return .svg(try StudyFigures(study: document).main.svg)
      }
    }
    router.on(.post, "/v1/studies/{id}/cancel", parameters: [], takesContent: false) { request in
      try await change(request, "cancelled") { try await studies.cancel($0) }
    }
    router.on(.post, "/v1/studies/{id}/pause", parameters: [], takesContent: false) { request in
      try await change(request, "paused") { try await studies.pause($0) }
    }
    router.on(.post, "/v1/studies/{id}/resume", parameters: [], takesContent: false) { request in
      try await change(request, "resumed") { try await studies.resume($0) }
    }
    router.on(.post, "/v1/studies/{id}/extend", parameters: ["dry_run"]) { try await extend($0) }
    router.on(.delete, "/v1/studies/{id}", parameters: []) { try await delete($0) }
    router.on(.get, "/v1/presets", parameters: []) { _ in
      .json(.object(["items": .array(StudyPresets.embedded.all.map { .object($0.description) })]))
    }
  }

  // MARK: Submission

  /// 202 with the study; 200 with its cells where it is only to be checked; 422 with every fault of every cell.
  private func submit(_ request: HTTPRequest) async throws -> HTTPResponse {
    let isDryRun = try request.flag("dry_run")
    let key = try IdempotencyKey(request, route: "POST /v1/studies")
    if isDryRun {
      let admission = try await admit(request.collectJSON()).admission
      return try await forecast(admission, of: admission.cells, request)
    }
    let body = try await request.collectJSON()
    return try await keys.once(key, body) { try await submit(body, request, $0) }
  }

  /// The study, and who is to be told of its end.
  private func admit(
    _ body: [UInt8]
  ) async throws -> (admission: StudyAdmission, webhooks: [RequestedWebhook]) {
    try await decoders.holding(1) {
      try await onOwnThread {
        try RequestedWebhook.taken(from: JSONValue(parsing: body, limits: .body), sender: sender) {
          (document) throws(SpecificationError) in
          try StudyAdmission(
            json: document, besides: [RequestedWebhook.member], presets: .embedded,
            datasets: DatasetResolver(library: datasets, documents: .clients), memoryLimit: memoryLimit)
        }
      }
    }
  }

  /// 200 with a study's cells, and what some of them are expected to cost on this machine.
  func forecast(
    _ admission: StudyAdmission, of cells: [StudyCell], _ request: HTTPRequest
  ) async throws -> HTTPResponse {
    request.deadline.allow(.seconds(120))
    let cost = try await forecasts.holding(1) {
      try await onOwnThread { [workers] in try CostForecast(cells, workers: max(1, workers)).json }
    }
    return .json(admission.json.merging(cost))
  }

  private func submit(
    _ body: [UInt8], _ request: HTTPRequest, _ reservation: IdempotencyKeys.Reservation?
  ) async throws -> HTTPResponse {
    let (admission, hooks) = try await admit(body)
    let submission = StudySubmission(
      name: admission.specification.name, preset: admission.source?.preset, scale: admission.source?.scale,
      specification: admission.specification.json.text(), requestID: request.id.isEmpty ? nil : request.id)
    do {
      let record = try await studies.submit(submission) { id in
        admission.cells.map { JobSubmission($0.admission, ofStudy: id, by: request) }
      } confirm: { [datasets] in
        try admission.cells.confirm(in: datasets)
      } andThen: { record, jobs, session in
        try charge(request, for: jobs, session)
        for hook in hooks {
          try webhooks.create(url: hook.url, secret: hook.secret ?? "", study: record.id, session)
        }
        if let reservation { try keys.answer(reservation, with: Self.answer(record), session) }
      }
      return try HTTPResponse(Self.answer(record))
    } catch let error as DatabaseError where error.mayHaveCommitted {
      throw ProblemDocument.submissionUnknown(hasKey: reservation != nil)
    }
  }

  /// A study's jobs count against its token's quota as any others do.
  func charge(_ request: HTTPRequest, for jobs: [UUID], _ session: Session) throws {
    if let token = request.identity.tokenID { try tokens.charge(token, forJobs: jobs, session) }
  }

  static func answer(_ record: StudyRecord) -> StoredAnswer {
    StoredAnswer(
      status: HTTPStatus.accepted.code, location: "/v1/studies/\(record.id.shown)",
      body: record.json.text())
  }

  // MARK: Reading

  private func list(_ request: HTTPRequest) async throws -> HTTPResponse {
    let page = try Page(request, known: ["wait"])
    return try await LongPoll(feed).answer(request) {
      let records = try await studies.list(after: page.cursor, limit: page.limit + 1)
      let items = records.prefix(page.limit)
      return try page.response(
        items.map { .value($0.json) }, next: records.count > items.count ? items.last?.sequence : nil,
        request: request)
    }
  }

  private func describe(_ request: HTTPRequest) async throws -> (response: HTTPResponse, hasEnded: Bool) {
    let record = try await study(request)
    let standings = try await studies.standings(of: record.id)
    let cost = try await studies.cost(of: record.id)
    let isCompared = record.state.hasEnded || standings.values.contains(where: \.endedWithoutResult)
    let compared = isCompared ? try await readable { try await self.compared(record) } : nil
    let hasComparison = compared != nil && StudyDescription.hasComparison(record)
    let comparison = hasComparison ? try await readable { try await self.comparison(record) } : nil
    return try await onOwnThread {
      let description = try StudyDescription(
        record, standings: standings, compared: compared, comparison: comparison, cost: cost)
      return (.json(description.json), record.state.hasEnded)
    }
  }

  /// Nil where a job's specification is of a version that can't be read any more: the study is shown all the same.
  private func readable<T>(_ body: () async throws -> T) async throws -> T? {
    do {
      return try await body()
    } catch is SpecificationError {
      return nil
    }
  }

  private func compared(_ study: StudyRecord) async throws -> ComparedStudy {
    try await comparisons.compared(study) { try await read(study) }
  }

  private func comparison(_ study: StudyRecord) async throws -> Comparison {
    try await comparisons.comparison(study) { try await read(study) }
  }

  private func read(_ study: StudyRecord) async throws -> ComparedStudy {
    async let cells = studies.cells(of: study.id)
    async let rows = studies.rows(of: study.id)
    let (jobs, probes) = try await (cells, rows)
    return try await onOwnThread { try study.compare(jobs, probes) }
  }

  private func results(_ request: HTTPRequest) async throws -> HTTPResponse {
    let record = try await study(request)
    let cells = try await studies.cells(of: record.id)
    let isPartial = cells.contains { $0.job.state.hasEnded && $0.job.result == nil }
    let compared = isPartial ? try await compared(record) : nil
    let bytes = try await onOwnThread {
      let specification = try record.study()
      let jobs = Dictionary(cells.map { ($0.cell, $0.job) }) { first, _ in first }
      let rows = try specification.positions.enumerated().map { index, positions in
        var measurement =
          try jobs[index].map { try JSONValue(parsing: $0.json().bytes) }
          ?? .object(["state": .string(StudyRecord.deleted)])
        if let compared, measurement["result"] ?? .null == .null {
          measurement = measurement.merging(.object(["result": compared.cells[index].asResult]))
        }
        var row = TableRow(
          measurement: measurement, leading: [("cell", .string(specification.label(positions)))])
        row.add(factors: specification.values(positions))
        return row
      }
      return CSVText.table(rows, leading: ["cell"] + TableRow.measurementColumns)
    }
    return HTTPResponse(status: .ok, contentType: "text/csv; charset=utf-8; header=present", bytes: bytes)
  }

  func study(_ request: HTTPRequest) async throws -> StudyRecord {
    let text = request.pathParameters["id"] ?? ""
    guard let id = UUID(uuidString: text), let record = try await studies.study(id) else {
      throw ProblemDocument.noStudy(text)
    }
    return record
  }
}

extension CellStanding {
  /// Whether its job was cancelled or failed: of its reading only its probes tell.
  var endedWithoutResult: Bool { state.hasEnded && result == nil }
}

extension ComparedCell {
  /// What is known of it where a result has it.
  fileprivate var asResult: JSONValue {
    guard case .object(var members) = json else { return .null }
    members["budget"] = .object(["settled": members["settled"] ?? .null, "steps": members["steps"] ?? .null])
    return .object(members)
  }
}

extension ProblemDocument {
  /// 404: no such study.
  static func noStudy(_ id: String) -> ProblemDocument {
    ProblemDocument(.noSuchStudy, detail: "there is no study with the id \(id)")
  }
}

extension JobSubmission {
  /// The job of a study's cell.
  init(_ admission: Admission, ofStudy id: UUID, by request: HTTPRequest) {
    self.init(admission)
    requestID = request.id.isEmpty ? nil : request.id
    traceParent = request.traceParent
    guard let text = try? JSONValue(parsing: labels.utf8), case .object(var members) = text else { return }
    members[Admission.studyLabel] = .string(id.shown)
    labels = JSONValue.object(members).text()
  }
}

extension [StudyCell] {
  /// Throws where data that were added, and that a cell runs on, are gone.
  func confirm(in library: DatasetLibrary) throws {
    let digests = Set(
      compactMap { cell -> String? in
        let dataset = cell.specification.experiment.data.dataset
        if case .stored = dataset.reference { return dataset.digest }
        return nil
      })
    for digest in digests { _ = try library.open(digest: digest) }
  }
}
