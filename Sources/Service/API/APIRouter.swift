import Capacity
import Datasets
import Foundation
import HTTPServer
import Logging
import Persistence

extension Router {
  /// Every route of the API; `openapi.yaml` describes just these.
  ///
  /// - Parameters:
  ///   - uploadLimit: bytes of an uploaded data set.
  ///   - memoryLimit: bytes that the probes of one machine may take together.
  ///   - feed: says what has changed; nil: nobody listens, there are no events, and whoever waits looks again and again.
  ///   - artifacts: keeps the archives of trained networks.
  ///   - hosts: the names that requests may address this service by, beside loopback's and addresses in digits.
  package static func api(
    database: Database, datasets: DatasetLibrary,
    uploadLimit: Int = ServiceConfiguration.defaultDatasetLimit,
    memoryLimit: Int = MemoryLimit.ofThisMachine, feed: JobFeed? = nil,
    artifacts: ArtifactStore = ArtifactStore(directory: FileManager.default.temporaryDirectory),
    hosts: [String] = [], logger: Logger
  ) -> Router {
    var router = Router(logger: logger, problem: problem(of:))
    router.use(TrustedHosts(hosts))
    router.use(CrossSiteRequests())
    router.use(ContentTags())
    let jobs = JobStore(database: database, engineRevision: engineRevision)
    JobsController(jobs: jobs, feed: feed).register(on: &router)
    SubmissionsController(
      jobs: jobs, datasets: datasets, keys: IdempotencyKeys(database: database), memoryLimit: memoryLimit,
      logger: logger
    ).register(on: &router)
    ResultsController(jobs: jobs, feed: feed).register(on: &router)
    ArtifactsController(jobs: jobs, datasets: datasets, store: artifacts).register(on: &router)
    EventsController(feed: feed).register(on: &router)
    StudiesController(
      studies: StudyStore(jobs: jobs), jobs: jobs, datasets: datasets,
      keys: IdempotencyKeys(database: database),
      memoryLimit: memoryLimit
    ).register(on: &router)
    DatasetsController(datasets: datasets, jobs: jobs, uploadLimit: uploadLimit).register(on: &router)
    StatusController(database: database).register(on: &router)
    WebController().register(on: &router)
    return router
  }
}
