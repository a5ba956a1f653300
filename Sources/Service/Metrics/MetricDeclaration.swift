/// A metric as Prometheus sees it. Every one is declared here: the exporter refuses others, and the documentation and the
/// dashboard are held against the list.
package struct MetricDeclaration: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable {
    case counter, gauge, histogram
  }

  /// With the unit, and `_total` for counters (Prometheus' naming conventions).
  package let name: String
  package let kind: Kind
  /// What it counts or measures.
  package let help: String
  /// Upper bounds of a histogram's buckets.
  package let buckets: [Double]
  /// The names of its labels.
  package let labels: [String]

  private init(_ kind: Kind, _ name: String, _ labels: [String], _ help: String, buckets: [Double] = []) {
    (self.kind, self.name, self.labels, self.help, self.buckets) = (kind, name, labels, help, buckets)
  }

  private static let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

  package static let requests = Self(
    .counter, "emc_http_requests_total", ["method", "route", "status"],
    "Requests answered, by route template.")
  package static let requestDuration = Self(
    .histogram, "emc_http_request_duration_seconds", ["method", "route"],
    "Time until a request's answer was made; long polls are left out.", buckets: seconds)
  package static let requestsInFlight = Self(
    .gauge, "emc_http_requests_in_flight", [], "Requests whose answer is being made.")
  package static let jobs = Self(.gauge, "emc_jobs", ["state"], "Jobs by their states.")
  package static let queuedProbes = Self(.gauge, "emc_queued_probes", [], "Probes that wait for a worker.")
  package static let runningProbes = Self(
    .gauge, "emc_running_probes", [], "Probes that workers train, on all machines.")
  package static let headAge = Self(
    .gauge, "emc_queue_head_age_seconds", [],
    "For how long the next probe has been waiting; 0 where none waits.")
  package static let probes = Self(
    .counter, "emc_probes_total", ["outcome"], "Probes that have ended, on all machines, by how.")
  package static let steps = Self(
    .counter, "emc_training_steps_total", [], "Training steps of ended probes, on all machines.")
  package static let trainingSeconds = Self(
    .counter, "emc_training_seconds_total", [], "Time that ended probes took, on all machines.")
  package static let flops = Self(
    .counter, "emc_training_flops_total", [],
    "Floating-point operations of the matrix products of probes that this process trained, as max_flops counts them."
  )
  package static let workerProcesses = Self(
    .gauge, "emc_worker_processes", [], "Processes that train or advance jobs and were seen lately.")
  package static let workerThreads = Self(
    .gauge, "emc_worker_threads", ["state"], "Training threads of those processes, by what they do.")
  package static let databaseUp = Self(
    .gauge, "emc_database_up", [], "Whether the database answered when the metrics were asked for.")
  package static let connections = Self(
    .gauge, "emc_database_connections", ["pool", "state"], "Connections of this process to the database.")
  package static let connectionWaiters = Self(
    .gauge, "emc_database_waiters", ["pool"], "Calls that wait for a connection.")
  package static let deliveries = Self(
    .counter, "emc_webhook_deliveries_total", ["result"],
    "Attempts of this process to deliver a webhook's event.")
  package static let pendingDeliveries = Self(
    .gauge, "emc_webhook_pending_deliveries", [], "Events that have not been delivered yet.")
  package static let build = Self(
    .gauge, "emc_build_info", ["version", "engine_revision"], "1, with the version.")
  package static let cpu = Self(
    .counter, "process_cpu_seconds_total", [], "Processor time of this process, user and system.")
  package static let residentMemory = Self(
    .gauge, "process_resident_memory_bytes", [], "Resident memory of this process.")
  package static let virtualMemory = Self(
    .gauge, "process_virtual_memory_bytes", [], "Virtual memory of this process.")
  package static let openFiles = Self(.gauge, "process_open_fds", [], "Open file descriptors.")
  package static let maxFiles = Self(.gauge, "process_max_fds", [], "File descriptors that may be open.")
  package static let startTime = Self(
    .gauge, "process_start_time_seconds", [], "When this process started, since the epoch.")

  /// Every metric there is.
  package static let all: [MetricDeclaration] = [
    requests, requestDuration, requestsInFlight, jobs, queuedProbes, runningProbes, headAge, probes, steps,
    trainingSeconds, flops, workerProcesses, workerThreads, databaseUp, connections, connectionWaiters,
    deliveries,
    pendingDeliveries, build, cpu, residentMemory, virtualMemory, openFiles, maxFiles, startTime,
  ]
}
