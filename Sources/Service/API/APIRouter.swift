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
  ///   - access: who may use it how.
  ///   - metrics: what is counted, and served at `/metrics`.
  ///   - webhooks: where deliveries may go, and what rings when something is to be sent.
  ///   - feed: says what has changed; nil: nobody listens, there are no events, and whoever waits looks again and again.
  ///   - artifacts: keeps the archives of trained networks.
  ///   - workers: probes that this process trains at once.
  ///   - hosts: the names that requests may address this service by, beside loopback's and addresses in digits.
  package static func api(
    database: Database, datasets: DatasetLibrary,
    uploadLimit: Int = ServiceConfiguration.defaultDatasetLimit,
    memoryLimit: Int = MemoryLimit.ofThisMachine, workers: Int = 1, access: AccessPolicy = AccessPolicy(),
    metrics: PrometheusExporter = PrometheusExporter(),
    webhooks: (sender: WebhookSender, bell: Wakeup) = (WebhookSender(), Wakeup()),
    feed: JobFeed? = nil,
    artifacts: ArtifactStore = ArtifactStore(directory: FileManager.default.temporaryDirectory),
    hosts: [String] = [], logger: Logger
  ) -> Router {
    var router = Router(logger: logger, problem: problem(of:))
    router.use(TrustedHosts(hosts))
    router.use(CrossSiteRequests(allowing: access.origins))
    // Outside of what makes problem documents, so that pages of those origins can read errors too.
    router.middleware.insert(CrossOriginSharing(access.origins), at: 2)
    router.middleware.insert(RequestMetrics(metrics), at: 0)
    let tokens = TokenDirectory(store: TokenStore(database: database))
    router.use(Authentication(directory: tokens, policy: access))
    router.use(ContentTags())
    let jobs = JobStore(database: database, engineRevision: engineRevision)
    let forecasts = Budget(1, for: "foretelling as many costs as it can", patience: .seconds(10), retry: 5)
    JobsController(jobs: jobs, feed: feed).register(on: &router)
    SubmissionsController(
      jobs: jobs, datasets: datasets, keys: IdempotencyKeys(database: database),
      tokens: TokenStore(database: database), webhooks: WebhookStore(database: database),
      sender: webhooks.sender, memoryLimit: memoryLimit, workers: workers, logger: logger,
      forecasts: forecasts
    ).register(on: &router)
    ResultsController(jobs: jobs, feed: feed).register(on: &router)
    ArtifactsController(jobs: jobs, datasets: datasets, store: artifacts, memoryLimit: memoryLimit)
      .register(on: &router)
    EventsController(feed: feed).register(on: &router)
    PlotController(jobs: jobs).register(on: &router)
    StudiesController(
      studies: StudyStore(jobs: jobs), jobs: jobs, datasets: datasets,
      keys: IdempotencyKeys(database: database), tokens: TokenStore(database: database),
      webhooks: WebhookStore(database: database), sender: webhooks.sender, feed: feed,
      memoryLimit: memoryLimit, workers: workers, forecasts: forecasts
    ).register(on: &router)
    DatasetsController(datasets: datasets, jobs: jobs, uploadLimit: uploadLimit).register(on: &router)
    CatalogueController(
      resolver: DatasetResolver(library: datasets, documents: .clients), memoryLimit: memoryLimit
    ).register(on: &router)
    let overview = ServiceOverview(database: database)
    metrics.collect { ProcessMetrics.samples() }
    metrics.collect { [known = DatabaseMetrics(overview)] in await known.samples() }
    MetricsController(exporter: metrics).register(on: &router)
    WebhooksController(
      store: WebhookStore(database: database), sender: webhooks.sender, bell: webhooks.bell
    ).register(on: &router)
    ServerController(
      overview: overview, uploadLimit: uploadLimit, memoryLimit: memoryLimit
    ).register(on: &router)
    SessionController(directory: tokens, policy: access).register(on: &router)
    TokensController(directory: tokens).register(on: &router)
    StatusController(database: database).register(on: &router)
    WebController().register(on: &router)
    return router
  }
}
