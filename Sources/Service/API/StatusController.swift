import CResources
import Capacity
import HTTPServer
import Persistence

/// `/livez`: the process answers. `/readyz`: the database does too. `/openapi.yaml`: the contract.
struct StatusController: Sendable {
  let database: Database

  func register(on router: inout Router) {
    router.on(.get, "/livez") { _ in .json(.object(["status": .string("ok")])) }
    router.on(.get, "/readyz") { _ in
      do {
        try await database.ping()
        return .json(.object(["status": .string("ok")]))
      } catch {
        throw ProblemDocument(
          status: .serviceUnavailable, title: "Not ready", detail: "the database does not answer")
      }
    }
    router.on(.get, "/openapi.yaml") { _ in
      HTTPResponse(
        contentType: "application/yaml",
        bytes: Array(UnsafeBufferPointer(start: emc_openapi.bytes, count: emc_openapi.count)))
    }
  }
}
