import HTTPServer

/// The kinds of problems of this service's own; `docs/errors.md` lists every one.
extension ProblemType {
  static let malformedJSON = ProblemType("malformed-json", "Malformed JSON", .badRequest)
  static let malformedForm = ProblemType("malformed-form", "Malformed form", .badRequest)
  static let noSuchJob = ProblemType("no-such-job", "No such job", .notFound)
  static let noSuchProbe = ProblemType("no-such-probe", "No such probe", .notFound)
  static let noArtifact = ProblemType("no-artifact", "There is no trained network", .conflict)
  static let noSuchStudy = ProblemType("no-such-study", "No such study", .notFound)
  static let noSuchDataset = ProblemType("no-such-dataset", "No such data set", .notFound)
  static let jobEnded = ProblemType("job-ended", "The job has ended", .conflict)
  static let jobState = ProblemType("job-state", "The job's state doesn't allow it", .conflict)
  static let countDiffers = ProblemType("count-differs", "The count differs", .conflict)
  static let studyState = ProblemType("study-state", "The study's state does not allow it", .conflict)
  static let nameTaken = ProblemType("name-taken", "The name is taken", .conflict)
  static let datasetNeeded = ProblemType("dataset-needed", "The data set is needed", .conflict)
  static let datasetNotRemovable = ProblemType(
    "dataset-not-removable", "The data set can't be removed", .conflict)
  static let invalidSpecification = ProblemType(
    "invalid-specification", "The document has faults", .unprocessableContent)
  static let invalidDataset = ProblemType(
    "invalid-dataset", "The data set can't be added", .unprocessableContent)
  static let databaseUnavailable = ProblemType(
    "database-unavailable", "The database does not answer", .serviceUnavailable)
  static let notReady = ProblemType("not-ready", "Not ready", .serviceUnavailable)
  static let insufficientStorage = ProblemType(
    "insufficient-storage", "Insufficient storage", .insufficientStorage)

  static let keyNotAllowed = ProblemType(
    "idempotency-key-not-allowed", "Idempotency-Key not allowed", .badRequest)
  static let requestInFlight = ProblemType("request-in-flight", "The request is in flight", .conflict)
  static let keyReused = ProblemType(
    "idempotency-key-reused", "The Idempotency-Key belongs to another request", .unprocessableContent)
  static let outcomeUnknown = ProblemType(
    "outcome-unknown", "It is not known whether it was done", .serviceUnavailable)

  static let tokenNeeded = ProblemType("token-needed", "A token is needed", .unauthorized)
  static let invalidToken = ProblemType("invalid-token", "The token is not valid", .unauthorized)
  static let insufficientScope = ProblemType(
    "insufficient-scope", "The token's scope is not enough", .forbidden)
  static let csrfTokenMissing = ProblemType("csrf-token-missing", "X-CSRF-Token is needed", .forbidden)
  static let noSuchToken = ProblemType("no-such-token", "No such token", .notFound)
  static let noSuchWebhook = ProblemType("no-such-webhook", "No such webhook", .notFound)
  static let noSuchDelivery = ProblemType("no-such-delivery", "No such delivery", .notFound)
  static let rateExceeded = ProblemType(
    "rate-exceeded", "The token's rate is exceeded", .tooManyRequests)
  static let quotaExceeded = ProblemType(
    "queue-quota-exceeded", "The token has as many jobs as it may have", .tooManyRequests)
  private static let access = [
    tokenNeeded, invalidToken, insufficientScope, csrfTokenMissing, noSuchToken, rateExceeded, quotaExceeded,
    noSuchWebhook, noSuchDelivery,
  ]

  /// Every kind that an answer of the service can have.
  package static let all: [ProblemType] =
    generic + access + [
      malformedJSON, malformedForm, noSuchJob, noSuchStudy, studyState, noSuchProbe, noArtifact,
      noSuchDataset, jobEnded, jobState,
      countDiffers,
      nameTaken, datasetNeeded,
      datasetNotRemovable, invalidSpecification, invalidDataset, databaseUnavailable, notReady,
      insufficientStorage, keyNotAllowed, requestInFlight, keyReused, outcomeUnknown,
    ]
}
