import Capacity
import Foundation
import HTTPServer
import Persistence

/// What has changed, in the order of versions.
struct News {
  struct Item {
    let version: Int64
    let job: UUID
    /// Whether the job has ended.
    let isEnd: Bool
    let event: () -> ServerSentEvent
  }

  private(set) var items: [Item] = []
  /// Nothing up to this version is missing.
  private(set) var complete: Int64
  /// Whether there may be more.
  private(set) var isFull = false

  init(upTo version: Int64) { complete = version }

  /// - Parameters:
  ///   - batch: how many of each were asked for.
  ///   - version: up to which what was read is complete, unless more was there than was asked for.
  init(changed: [JobRecord], ends: [ProbeEnd], batch: Int, upTo version: Int64) {
    complete = version
    isFull = changed.count == batch || ends.count == batch
    if changed.count == batch, let last = changed.last { complete = min(complete, last.version) }
    if ends.count == batch, let last = ends.last { complete = min(complete, last.version) }
    for job in changed {
      items.append(
        Item(version: job.version, job: job.id, isEnd: job.state.hasEnded) {
          ServerSentEvent(
            id: String(job.version), name: "job", data: String(decoding: job.json().bytes, as: UTF8.self))
        })
    }
    for end in ends {
      items.append(
        Item(version: end.version, job: end.job, isEnd: false) {
          let text = JSONText.extended(end.probe.json, "job", .value(.string(end.job.shown)))
          return ServerSentEvent(
            id: String(end.version), name: "probe", data: String(decoding: text.bytes, as: UTF8.self))
        })
    }
    items = items.filter { [complete] in $0.version <= complete }.sorted { $0.version < $1.version }
  }
}
