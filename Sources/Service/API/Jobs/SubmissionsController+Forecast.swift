import Capacity
import Datasets
import HTTPServer

extension SubmissionsController {
  /// 200 with what one measurement is expected to cost on this machine; nothing is stored and nothing trained.
  func forecast(_ request: HTTPRequest) async throws -> HTTPResponse {
    let body = try await SubmittedDocuments.collect(request, upTo: Self.bodyLimit)
    let admission = try await decoders.holding(1) {
      try await onOwnThread {
        let documents = try SubmittedDocuments(body, request)
        guard !documents.isList else {
          throw ProblemDocument.parameter("dry_run", "true", allowed: "one specification at a time")
        }
        return try documents.admit(
          DatasetResolver(library: datasets, documents: .clients), memoryLimit: memoryLimit,
          sender: sender)[0].admission
      }
    }
    return try await forecasts.holding(1) {
      try await onOwnThread { [workers] in
        let rate = try TrainingRate(of: admission.specification.experiment, form: admission.terms.form)
        return .json(
          CostForecast(admission, secondsPerSample: rate.secondsPerSample, workers: max(1, workers)).json)
      }
    }
  }
}
