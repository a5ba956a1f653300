import Capacity
import HTTPServer
import Persistence
import Resources

/// `/livez`: the process answers. `/readyz`: the database does too. `/openapi.yaml`: the contract.
struct StatusController: Sendable {
  let database: Database

  func register(on router: inout Router) {
    router.on(.get, "/livez", parameters: []) { _ in .json(.object(["status": .string("ok")])) }
    router.on(.get, "/readyz", parameters: []) { _ in
      do {
        try await database.checkSchema()
        return .json(.object(["status": .string("ok")]))
      } catch let error as MigrationError {
        throw ProblemDocument(
          .notReady, detail: error.description,
          headers: ["Retry-After": "5"])
      } catch {
        throw ProblemDocument(
          .notReady, detail: "the database does not answer", headers: ["Retry-After": "5"])
      }
    }
    router.on(.get, "/openapi.yaml", parameters: []) { _ in
      HTTPResponse(
        contentType: "application/yaml",
        bytes: Array(EmbeddedFile.openapi.text.utf8))
    }
  }
}
