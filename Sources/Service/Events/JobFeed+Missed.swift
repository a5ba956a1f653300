import Foundation
import HTTPServer
import Persistence

/// What subscribers have missed is read for each by itself, so that who comes back after long holds nobody up, and sent no
/// faster than its client takes it.
extension JobFeed {
  /// Sends those who are behind what they have missed, in turns of one batch; who has had all of it joins the others.
  func bringUpThoseBehind() async {
    while !Task.isCancelled {
      let rings = newcomers.rings
      let behind = subscribers.filter(\.isBehind)
      var hasFailed = false
      for subscriber in behind where subscriber.stream.hasRoom {
        do {
          try await bringUp(subscriber)
        } catch {
          logger.debug("missed events wait for the database", metadata: ["error": "\(error)"])
          hasFailed = true
        }
      }
      // The next turn; in between the client takes what it was sent.
      if (try? await Task.sleep(for: hasFailed ? .milliseconds(500) : Self.pause)) == nil { return }
      if behind.isEmpty { await newcomers.wait(after: rings, timeout: Self.poll) }
    }
  }

  private func bringUp(_ subscriber: EventSubscriber) async throws {
    let (news, end) = try await missed(by: subscriber)
    for item in news.items {
      // The rest is read again once there is room.
      guard subscriber.stream.hasRoom else { return }
      subscriber.take(item.event(), version: item.version)
    }
    subscriber.reach(news.complete)
    if let end, end <= news.complete { return subscriber.stream.finish() }
    guard !news.isFull else { return }
    subscriber.join()
    // For what has come since it was read.
    anyChange.ring()
  }

  /// A batch of what a subscriber has missed, and the version of its subject's end; nil where that hasn't ended.
  private func missed(by subscriber: EventSubscriber) async throws -> (news: News, end: Int64?) {
    let since = subscriber.reached
    // What is read afterwards is complete up to here.
    let latest = try await jobs.latestVersion()
    switch subscriber.subject {
    case .everything:
      let changed = try await jobs.changes(since: since, limit: Self.batch)
      let ends = try await jobs.ends(since: since, limit: Self.batch)
      return (News(changed: changed, ends: ends, batch: Self.batch, upTo: latest), nil)
    case .job(let id):
      guard let job = try await jobs.job(id) else {
        subscriber.endAsDeleted(id)
        return (News(upTo: latest), nil)
      }
      let ends = try await jobs.ends(since: since, of: id, limit: Self.batch)
      let known = max(latest, job.version)
      let news = News(changed: [job], ends: ends, batch: Self.batch, upTo: known)
      return (news, job.state.hasEnded ? job.version : nil)
    case .study(let id):
      let study = try await studies.study(id)
      subscriber.admit(try await studies.jobs(of: id))
      let changed = try await studies.changes(of: id, since: since, limit: Self.batch)
      let ends = try await studies.ends(of: id, since: since, limit: Self.batch)
      // Before what has changed it.
      if let study { subscriber.show(study) }
      let known = max(latest, study?.version ?? 0)
      let news = News(changed: changed, ends: ends, batch: Self.batch, upTo: known)
      // One that is gone tells nothing any more.
      guard let study else { return (news, 0) }
      return (news, study.state.hasEnded ? study.version : nil)
    }
  }
}
