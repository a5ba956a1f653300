import Capacity
import Foundation
import HTTPServer

/// Requests that wait for news (`?wait=SECONDS`, `Prefer: wait=SECONDS`): answered when there are some, or when the time is
/// up with what there is.
struct LongPoll {
  private let feed: JobFeed?

  /// How often one looks where nobody listens, or a notification was lost.
  private static let poll = Duration.seconds(2)
  private static let pollAlone = Duration.milliseconds(200)
  /// Who waits for any job looks no more often.
  private static let pause = Duration.milliseconds(100)

  /// - Parameter feed: says when something has changed.
  init(_ feed: JobFeed?) { self.feed = feed }

  /// News is an answer with another `ETag` than the client has. A client that has none is answered at once.
  ///
  /// - Parameter id: the job whose changes may be news; nil: all.
  func answer(
    _ request: HTTPRequest, about id: UUID? = nil, _ make: () async throws -> HTTPResponse
  ) async throws -> HTTPResponse {
    try await answer(request, about: id, isNews: { request.isNews($0.tagged) }) { try await make().tagged }
  }

  /// News is another `ETag`; to a client that has none, that what is asked for has ended.
  ///
  /// - Parameter id: the job whose changes may be news; nil: all.
  func answerOnceEnded(
    _ request: HTTPRequest, about id: UUID? = nil,
    _ make: () async throws -> (response: HTTPResponse, hasEnded: Bool)
  ) async throws -> HTTPResponse {
    var hasEnded = false
    let isConditional = request.headers[.ifNoneMatch] != nil
    return try await answer(
      request, about: id, isNews: { isConditional ? request.isNews($0) : hasEnded }
    ) {
      let answer = try await make()
      hasEnded = answer.hasEnded
      return answer.response
    }
  }

  private func answer(
    _ request: HTTPRequest, about id: UUID?, isNews: (HTTPResponse) -> Bool,
    _ make: () async throws -> HTTPResponse
  ) async throws -> HTTPResponse {
    guard let wait = try request.waitPreference() else { return try await make() }
    // Beside the time that the answer itself may take.
    request.deadline.allow(wait + .seconds(30))
    let end = ContinuousClock.now + wait
    let answer: HTTPResponse =
      if let feed {
        try await feed.watching(id) { next in
          while true {
            let answer = try await make()
            let left = end - .now
            guard !isNews(answer), left > .zero, !feed.isClosed else { return answer }
            await next(min(left, Self.poll))
            if id == nil { try await Task.sleep(for: min(left, Self.pause)) }
          }
        }
      } else {
        try await alone(until: end, isNews, make)
      }
    var response = answer
    if try request.parameter("wait") == nil {
      response.headers.set(.preferenceApplied, HTTPHeaderValue(stringLiteral: "wait"))
    }
    return response
  }

  private func alone(
    until end: ContinuousClock.Instant, _ isNews: (HTTPResponse) -> Bool,
    _ make: () async throws -> HTTPResponse
  ) async throws -> HTTPResponse {
    while true {
      let answer = try await make()
      let left = end - .now
      guard !isNews(answer), left > .zero else { return answer }
      try await Task.sleep(for: min(left, Self.pollAlone))
    }
  }
}

extension HTTPRequest {
  /// Whether the client doesn't have what this answers: it has no tag, or another.
  fileprivate func isNews(_ response: HTTPResponse) -> Bool {
    if response.status == .notModified { return false }
    guard let tag = response.entityTag else { return true }
    return !hasCurrent(tag)
  }
}

extension HTTPResponse {
  /// The opaque part of its strong `ETag`, where it has one.
  fileprivate var entityTag: EntityTag? {
    guard let text = headers[.etag], text.hasPrefix("\""), text.hasSuffix("\""), text.utf8.count > 2 else {
      return nil
    }
    return EntityTag(String(text.dropFirst().dropLast()))
  }
}
