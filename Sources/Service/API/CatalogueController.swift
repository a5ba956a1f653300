import Capacity
import Compute
import Datasets
import Foundation
import HTTPServer

/// What a specification may be, and what a network is and takes.
struct CatalogueController: Sendable {
  let resolver: DatasetResolver
  /// Bytes that the probes of one machine may take together.
  let memoryLimit: Int
  private let decoders = Budget(2)

  init(resolver: DatasetResolver, memoryLimit: Int) {
    self.resolver = resolver
    self.memoryLimit = memoryLimit
  }

  func register(on router: inout Router) {
    let lists: [(String, [SpecificationCatalogue.Item])] = [
      ("/v1/models", SpecificationCatalogue.models), ("/v1/optimizers", SpecificationCatalogue.optimizers),
      ("/v1/searches", SpecificationCatalogue.searches), ("/v1/formats", UploadFormat.uploads),
    ]
    for (path, items) in lists {
      let response = HTTPResponse.constant(.object(["items": .array(items.map(\.json))]))
      router.on(.get, path, parameters: []) { _ in response }
    }
    let schema = HTTPResponse.constant(
      SpecificationCatalogue.specification, contentType: "application/schema+json")
    router.on(.get, "/v1/schema", parameters: []) { _ in schema }
    router.on(.post, "/v1/models/describe", parameters: ["samples"]) { try await describe($0) }
  }

  /// The layers, parameters, operations and memory of a specification's network; 422 with every fault when it can't be
  /// trained.
  private func describe(_ request: HTTPRequest) async throws -> HTTPResponse {
    let asked = try request.parameter("samples", in: 1...1_000_000_000)
    let body = try await request.collectJSON()
    return try await decoders.holding(1) {
      try await onOwnThread { [resolver, memoryLimit] in
        let admission = try Admission(
          json: JSONValue(parsing: body, limits: .body), datasets: resolver, memoryLimit: memoryLimit)
        let samples = asked ?? admission.specification.search.initialSamples
        guard samples <= admission.sampleLimit else {
          throw ProblemDocument.parameter(
            "samples", String(samples), allowed: "an integer from 1 to \(admission.sampleLimit)")
        }
        return .json(admission.description(samples: samples))
      }
    }
  }
}

extension HTTPResponse {
  /// JSON that is the same as long as the process runs, with a tag by which it isn't sent twice.
  static func constant(
    _ value: JSONValue, contentType: HTTPHeaderValue = "application/json"
  ) -> HTTPResponse {
    let bytes = value.utf8()
    var response = HTTPResponse(contentType: contentType, bytes: bytes)
    let tag = EntityTag(contentDigest(of: bytes))
    response.headers.set(.etag, tag.fieldValue)
    return response
  }
}
