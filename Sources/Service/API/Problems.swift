import Capacity
import Datasets
import HTTPServer
import Persistence

/// The problem document of an error: the one place where errors become HTTP. Nil for those that nobody
/// expects.
func problem(of error: any Error) -> ProblemDocument? {
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
      status: .insufficientStorage,
      detail: "the disk of the database is full: nothing was stored; make room and try again",
      headers: ["Retry-After": "60"])
  case DatabaseError.connectionLost(_, mayHaveCommitted: true):
    ProblemDocument(
      .outcomeUnknown,
      detail:
        "the connection to the database was lost before it answered: whether anything was changed is not known",
      headers: ["Retry-After": "5"])
  case let error as DatabaseError where error.isOutage:
    ProblemDocument(
      .databaseUnavailable, detail: "the database does not answer; nothing was changed, try again",
      headers: ["Retry-After": "5"])
  case is BudgetError:
    ProblemDocument(
      .unavailable,
      detail: "the server is reading as many documents as it can hold; try again",
      headers: ["Retry-After": "1"])
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
  /// 404: no such job.
  static func noJob(_ id: String) -> ProblemDocument {
    ProblemDocument(.noSuchJob, detail: "there is no job with the id \(id)")
  }
}
