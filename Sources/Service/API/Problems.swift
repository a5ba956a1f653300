import Capacity
import Datasets
import HTTPServer
import Persistence

/// The problem document of an error: the one place where errors become HTTP. Nil for those that nobody
/// expects.
package func problem(of error: any Error) -> ProblemDocument? {
  switch error {
  case let error as JSONSyntaxError:
    ProblemDocument(error.exceedsLimits ? .contentTooLarge : .malformedJSON, detail: error.description)
  case let error as SpecificationError:
    ProblemDocument(
      .invalidSpecification,
      detail: error.count == 1
        ? error.description
        : error.count == error.faults.count
          ? "\(error.count) faults, listed under errors"
          : "\(error.count) faults; the first \(error.faults.count) are listed under errors",
      extensions: ["errors": JSONValue.array(error.faults.map(\.json))])
  case let error as DatabaseError where error.isOutOfSpace:
    ProblemDocument(
      .insufficientStorage,
      detail: "the disk of the database is full: nothing was stored; make room and try again",
      headers: ["Retry-After": "60"])
  case let error as DatabaseError where error.mayHaveCommitted:
    ProblemDocument(
      .outcomeUnknown,
      detail:
        "the connection to the database was lost or given up before it answered: whether anything was changed "
        + "is not known",
      headers: ["Retry-After": "5"])
  case DatabaseError.refused(_, let state, _, _)
  where state == .deadlockDetected || state == .serializationFailure:
    // It was tried several times, and rolled back each time.
    ProblemDocument(
      .unavailable,
      detail: "other requests changed the same at the same time; nothing was changed, try again",
      headers: ["Retry-After": "1"])
  case let error as DatabaseError where error.isOutage:
    ProblemDocument(
      .databaseUnavailable, detail: "the database does not answer; nothing was changed, try again",
      headers: ["Retry-After": "5"])
  case let error as BudgetError: ProblemDocument(error)
  case IdempotencyError.lost:
    ProblemDocument(
      .requestInFlight,
      detail:
        "the request took so long that another one with its Idempotency-Key was begun; nothing was stored")
  case let error as QueueQuotaError:
    ProblemDocument(
      .quotaExceeded,
      detail:
        "the token may have \(error.quota) jobs that have not ended: wait for the end of one, or cancel one",
      headers: ["Retry-After": "30"])
  case let error as DatasetError: ProblemDocument(error)
  case let error as ParametersError: ProblemDocument(error)
  case let error as MultipartError: ProblemDocument(error)
  default: nil
  }
}

extension ProblemDocument {
  /// 503: there is only so much of something, and others have it.
  fileprivate init(_ error: BudgetError) {
    self.init(.unavailable, detail: "the server is \(error.use); try again")
    try? headers.set(.retryAfter, text: String(error.retry))
  }

  /// 404: no such job.
  static func noJob(_ id: String) -> ProblemDocument {
    ProblemDocument(.noSuchJob, detail: "there is no job with the id \(id)")
  }
}
