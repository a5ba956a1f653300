import Datasets
import HTTPServer
import Logging
import Persistence

extension Router {
  /// Every route of the API; `openapi.yaml` describes just these.
  public static func api(database: Database, datasets: DatasetLibrary, logger: Logger) -> Router {
    var router = Router(logger: logger, problem: problem(of:))
    JobsController(jobs: JobStore(database: database), datasets: datasets).register(on: &router)
    StatusController(database: database).register(on: &router)
    return router
  }
}
