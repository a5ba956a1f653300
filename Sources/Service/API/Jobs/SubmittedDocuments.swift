import Capacity
import Foundation
import HTTPServer

/// What a client submits: a document, an array of them, or one a line (NDJSON).
struct SubmittedDocuments: Sendable {
  let documents: [JSONValue]
  /// Several were sent, if only one of them: the answer lists jobs.
  let isList: Bool
  /// The job that the document was made from.
  let source: UUID?

  /// A document that can be run, and who is to be told of its end.
  struct Admitted: Sendable {
    let admission: Admission
    let webhooks: [RequestedWebhook]
  }

  /// How many at once.
  static let limit = 2_000

  init(_ document: JSONValue, source: UUID) {
    documents = [document]
    isList = false
    self.source = source
  }

  /// - Throws: `JSONSyntaxError`; `SpecificationError` for a list that is empty or too long.
  init(_ body: [UInt8], _ request: HTTPRequest) throws {
    source = nil
    if Self.isNDJSON(request) {
      documents = try body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        .filter { $0.element.contains { ![0x20, 0x09, 0x0D].contains($0) } }
        .map { index, line in
          do {
            return try JSONValue(parsing: line, limits: .body)
          } catch let error as JSONSyntaxError {
            throw error.after(lines: index)
          }
        }
      isList = true
    } else {
      let tree = try JSONValue(parsing: body, limits: .body)
      isList = tree.arrayValue != nil
      documents = tree.arrayValue ?? [tree]
    }
    guard 1...Self.limit ~= documents.count else {
      throw SpecificationError(faults: [
        SpecificationFault(
          pointer: "", value: .integer(documents.count), allowed: "1 to \(Self.limit) specifications",
          detail: "is how many specifications there are")
      ])
    }
  }

  private static let ndjson: Set = ["application/x-ndjson", "application/ndjson", "application/jsonl"]

  private static func isNDJSON(_ request: HTTPRequest) -> Bool {
    guard let type = request.headers[.contentType].flatMap(MediaType.init) else { return false }
    return ndjson.contains(type.essence)
  }

  /// The content of a request; 415 for what is neither JSON nor NDJSON.
  static func collect(_ request: HTTPRequest, upTo limit: Int) async throws -> [UInt8] {
    guard isNDJSON(request) else { return try await request.collectJSON(upTo: limit) }
    try request.checkContentIsPlain()
    return try await request.body.collect(upTo: limit)
  }

  /// - Throws: `SpecificationError` with the faults of all documents; in a list their pointers begin with the document's
  ///   place.
  func admit(
    _ datasets: DatasetResolver, memoryLimit: Int, sender: WebhookSender
  ) throws(SpecificationError) -> [Admitted] {
    var admissions: [Admitted] = []
    var faults: [SpecificationFault] = []
    var count = 0
    for (index, document) in documents.enumerated() {
      do {
        let (admission, webhooks) = try RequestedWebhook.taken(from: document, sender: sender) {
          (rest) throws(SpecificationError) in
          try Admission(
            json: rest, besides: [RequestedWebhook.member], datasets: datasets, memoryLimit: memoryLimit)
        }
        admissions.append(Admitted(admission: admission, webhooks: webhooks))
      } catch {
        count += error.count
        guard faults.count < SpecificationError.listed else { continue }
        faults += error.faults.map { fault in
          guard isList else { return fault }
          return SpecificationFault(
            pointer: "/\(index)" + fault.pointer, value: fault.value, allowed: fault.allowed,
            detail: fault.detail)
        }
      }
    }
    guard faults.isEmpty else { throw SpecificationError(faults: faults, count: count) }
    return admissions
  }
}
