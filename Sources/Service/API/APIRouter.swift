import Capacity
import Datasets
import HTTPServer
import Logging
import Persistence

extension Router {
  /// Every route of the API; `openapi.yaml` describes just these.
  ///
  /// - Parameters:
  ///   - uploadLimit: bytes of an uploaded data set.
  ///   - memoryLimit: bytes that the probes of one machine may take together.
  ///   - hosts: the names that requests may address this service by, beside loopback's and addresses in digits.
  package static func api(
    database: Database, datasets: DatasetLibrary,
    uploadLimit: Int = ServiceConfiguration.defaultDatasetLimit,
    memoryLimit: Int = MemoryLimit.ofThisMachine, hosts: [String] = [], logger: Logger
  ) -> Router {
    var router = Router(logger: logger, problem: problem(of:))
    router.use(TrustedHosts(hosts))
    router.use(CrossSiteRequests())
    let jobs = JobStore(database: database, engineRevision: engineRevision)
    JobsController(
      jobs: jobs, datasets: datasets, keys: IdempotencyKeys(database: database), memoryLimit: memoryLimit
    ).register(on: &router)
    DatasetsController(datasets: datasets, jobs: jobs, uploadLimit: uploadLimit).register(on: &router)
    StatusController(database: database).register(on: &router)
    WebController().register(on: &router)
    return router
  }
}
