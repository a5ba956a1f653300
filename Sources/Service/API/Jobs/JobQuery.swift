import Capacity
import Foundation
import HTTPServer
import Persistence

/// The query of a route that is about many jobs: which, in what order, from where on.
struct JobQuery {
  let filter: JobFilter
  let order: JobOrder
  let isDescending: Bool
  let limit: Int
  let cursor: JobCursor?

  /// The parameters that narrow jobs down.
  static let filterNames: Set<String> = [
    "state", "id", "dataset", "model", "optimizer", "name_contains", "created_after", "created_before",
    "finished_after", "finished_before",
  ]
  /// Those of them that may be repeated: every one must hold.
  static let repeatable: Set<String> = ["label"]

  /// - Throws: 400 for a parameter that isn't known or can't be understood.
  init(_ request: HTTPRequest, states: Set<JobState> = Set(JobState.allCases)) throws(ProblemDocument) {
    try request.checkParameters(
      Self.filterNames.union(["sort", "limit", "cursor", "wait"]), repeatable: Self.repeatable)
    filter = try Self.filter(request, states: states)
    let sort = try request.parameter("sort") ?? "-created"
    isDescending = sort.hasPrefix("-")
    guard let order = JobOrder(rawValue: isDescending ? String(sort.dropFirst()) : sort) else {
      throw .parameter(
        "sort", sort,
        allowed:
          "one of \(JobOrder.allCases.map(\.rawValue).joined(separator: ", ")), with a - before it the other way round"
      )
    }
    self.order = order
    limit = try request.parameter("limit", in: Page.limits) ?? 50
    cursor = try request.cursorPosition().map { text throws(ProblemDocument) in
      guard let cursor = JobCursor(text: text) else { throw .cursor(text) }
      return cursor
    }
  }

  /// The filter of a request whose other parameters the caller has checked.
  static func filter(
    _ request: HTTPRequest, states: Set<JobState> = Set(JobState.allCases)
  ) throws(ProblemDocument) -> JobFilter {
    var filter = JobFilter()
    if let text = try request.parameter("state") {
      let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      let known = names.compactMap(JobState.init(rawValue:)).filter(states.contains)
      guard known.count == names.count else {
        let allowed = JobState.allCases.filter(states.contains).map(\.rawValue).joined(separator: ", ")
        throw .parameter("state", text, allowed: "one of \(allowed), or several with commas between")
      }
      filter.states = Set(known)
    }
    if let text = try request.parameter("id") {
      let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      let ids = names.compactMap(UUID.init(uuidString:))
      guard ids.count == names.count, ids.count <= 1_000 else {
        throw .parameter("id", text, allowed: "ids of jobs, at most 1,000, with commas between")
      }
      filter.ids = ids
    }
    filter.dataset = try text("dataset", request)
    filter.modelKind = try text("model", request)
    filter.optimizerKind = try text("optimizer", request)
    filter.nameContains = try text("name_contains", request)
    filter.createdFrom = try time("created_after", request)
    filter.createdBefore = try time("created_before", request)
    filter.finishedFrom = try time("finished_after", request)
    filter.finishedBefore = try time("finished_before", request)
    let labels = request.queryValues("label")
    for text in labels {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard labels.count <= 8, JobOptions.isName(parts[0]), !text.contains("\0") else {
        throw .parameter("label", text, allowed: "NAME=VALUE, or NAME alone for any value; at most 8 of them")
      }
      filter.labels.append(.init(key: parts[0], value: parts.count > 1 ? parts[1] : nil))
    }
    return filter
  }

  private static func text(_ name: String, _ request: HTTPRequest) throws(ProblemDocument) -> String? {
    guard let text = try request.parameter(name) else { return nil }
    guard !text.isEmpty, text.unicodeScalars.count <= 200, !text.contains("\0") else {
      throw .parameter(name, text, allowed: "a text of 1 to 200 characters without NUL")
    }
    return text
  }

  private static func time(_ name: String, _ request: HTTPRequest) throws(ProblemDocument) -> Date? {
    guard let text = try request.parameter(name) else { return nil }
    // A plus that wasn't encoded is a space in a query.
    guard let date = RFC3339.date(text.replacing(" ", with: "+")) else {
      throw .parameter(name, text, allowed: RFC3339.allowed)
    }
    return date
  }
}

extension JobCursor {
  /// As it stands in a query: the sequence, and what it was listed by in base64url.
  var text: String {
    guard let key else { return String(sequence) }
    let encoded = Data(key.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      .replacing("=", with: "")
    return "\(sequence).\(encoded)"
  }

  init?(text: String) {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let sequence = PlainNumber.parse(parts[0]).map(Int64.init) else { return nil }
    guard parts.count > 1 else {
      self.init(sequence: sequence)
      return
    }
    let plain = String(parts[1]).replacing("-", with: "+").replacing("_", with: "/")
    let padded = plain + String(repeating: "=", count: (4 - plain.count % 4) % 4)
    guard let data = Data(base64Encoded: padded), let key = String(data: data, encoding: .utf8),
      !key.contains("\0")
    else { return nil }
    self.init(key: key, sequence: sequence)
  }
}
