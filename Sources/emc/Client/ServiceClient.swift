import ArgumentParser
import Capacity
import Foundation
import FoundationNetworking

/// Which service is asked, and with which token.
struct ServiceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The service's address. EMC_URL; default: http://127.0.0.1:8080.", valueName: "url"))
  var url: String?

  /// A token in the arguments would stand in the list of processes.
  func client() throws -> ServiceClient {
    let text = Environment.value(url, "EMC_URL") ?? "http://127.0.0.1:8080"
    guard let base = URL(string: text), ["http", "https"].contains(base.scheme), base.host != nil else {
      throw WrongUsage(
        description:
          "\(url == nil ? "EMC_URL" : "--url") is \(text); allowed: an address such as http://127.0.0.1:8080")
    }
    return ServiceClient(base: base, token: try Self.token())
  }

  /// What can't be a bearer token (RFC 6750 §2.1) can't be sent either: a request without it would be anonymous.
  private static func token() throws -> String? {
    guard let text = Environment.value(nil, "EMC_TOKEN") else { return nil }
    let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=".unicodeScalars)
    guard text.unicodeScalars.allSatisfy(allowed.contains) else {
      throw WrongUsage(
        description: """
          EMC_TOKEN has a character that no token has, perhaps a space or a line's end; allowed: a token as emc tokens \
          create prints it, emc_ with 43 letters, digits, - or _ after it
          """)
    }
    return text
  }
}

/// Requests to a running service, with its problems as errors.
package struct ServiceClient: Sendable {
  private let base: URL
  private let token: String?

  /// The longest page that the service lists.
  private static let longestPage = 200

  /// - Parameter token: nil for requests of nobody in particular.
  package init(base: URL, token: String?) {
    self.base = base
    self.token = token
  }

  /// What the service answered; no JSON is read yet.
  struct Answer: Sendable {
    let status: Int
    let headers: [String: String]
    let body: Data

    func header(_ name: String) -> String? { headers[name.lowercased()] }

    func json() throws -> JSONValue { try JSONValue(parsing: body) }
  }

  /// An answer that is an error.
  package struct Problem: Error, CustomStringConvertible {
    package let status: Int
    let document: JSONValue
    /// Seconds after which the service wants to be asked again.
    let retryAfter: Int?

    /// What is wrong, with a line for every fault, and for nothing else.
    package var description: String {
      let title = document["title"]?.stringValue ?? "the service answered \(status)"
      let detail = document["detail"]?.stringValue.map { ": \($0)" } ?? ""
      let faults = (document["errors"]?.arrayValue ?? []).map { fault in
        let place = ["pointer", "parameter", "file"].lazy.compactMap { fault[$0]?.stringValue }.first
        let value = fault["value"].map { " (\($0.text()))" } ?? ""
        let allowed = fault["allowed"]?.stringValue.map { "; allowed: \($0)" } ?? ""
        return "  \(place ?? "")\(value) \(fault["detail"]?.stringValue ?? "")\(allowed)"
      }
      return ([title + detail] + faults).map(\.visible).joined(separator: "\n")
    }
  }

  /// Nobody answered.
  struct Unreachable: Error, CustomStringConvertible {
    let url: URL
    let cause: String
    var description: String {
      "\(url.absoluteString) can't be reached: \(cause); is the service running there (emc serve), and is EMC_URL right?"
    }
  }

  /// How long an answer of status 503, as of a busy database, is asked for again.
  static let patience = Duration.seconds(15)

  /// Sends a request, again where the service can't answer it at the moment and to repeat it does no harm.
  ///
  /// - Throws: `Problem` for 400 and above, of 503 what was answered last; `Unreachable` where there is no answer.
  func send(
    _ method: String, _ path: String, query: [(String, String)] = [], body: Data? = nil,
    contentType: String = "application/json", headers: [String: String] = [:], timeout: TimeInterval = 60,
    patience: Duration = patience
  ) async throws -> Answer {
    let end = ContinuousClock.now + patience
    let isRepeatable = method == "GET" || headers["Idempotency-Key"] != nil
    while true {
      do {
        return try await sendOnce(
          method, path, query: query, body: body, contentType: contentType, headers: headers, timeout: timeout
        )
      } catch let problem as Problem where problem.status == 503 && isRepeatable {
        let pause = Duration.seconds(min(max(problem.retryAfter ?? 1, 1), 5))
        guard ContinuousClock.now + pause < end else { throw problem }
        try await Task.sleep(for: pause)
      }
    }
  }

  private func sendOnce(
    _ method: String, _ path: String, query: [(String, String)], body: Data?, contentType: String,
    headers: [String: String], timeout: TimeInterval
  ) async throws -> Answer {
    var request = URLRequest(url: try address(path, query))
    request.httpMethod = method
    request.timeoutInterval = timeout
    if let body {
      request.httpBody = body
      request.setValue(contentType, forHTTPHeaderField: "Content-Type")
    }
    request.setValue("emc/\(emcVersion)", forHTTPHeaderField: "User-Agent")
    if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    let (data, response): (Data, URLResponse)
    do {
      (data, response) = try await Self.session.data(for: request)
    } catch let error as URLError {
      throw Unreachable(url: base, cause: error.localizedDescription)
    }
    guard let response = response as? HTTPURLResponse else {
      throw Unreachable(url: base, cause: "the answer is not HTTP")
    }
    let fields = response.allHeaderFields.compactMap { name, value in
      (name as? String).flatMap { name in (value as? String).map { (name.lowercased(), $0) } }
    }
    let answer = Answer(
      status: response.statusCode, headers: Dictionary(fields) { first, _ in first }, body: data)
    guard answer.status < 400 else {
      throw Problem(
        status: answer.status, document: (try? answer.json()) ?? .null,
        retryAfter: answer.header("Retry-After").flatMap { Int($0) })
    }
    return answer
  }

  /// `send` for JSON answers.
  func get(_ path: String, query: [(String, String)] = []) async throws -> JSONValue {
    try await send("GET", path, query: query).json()
  }

  /// A list's items, page after page, and whether there are more than `limit`.
  func list(
    _ path: String, query: [(String, String)], limit: Int = .max
  ) async throws -> (items: [JSONValue], hasMore: Bool) {
    var items: [JSONValue] = []
    var cursor: String?
    repeat {
      let place = [("limit", String(min(Self.longestPage, limit - items.count)))]
      let page = try await get(path, query: query + place + (cursor.map { [("cursor", $0)] } ?? []))
      items += page["items"]?.arrayValue ?? []
      cursor = page["next"]?.stringValue
    } while cursor != nil && items.count < limit
    return (items, cursor != nil)
  }

  private func address(_ path: String, _ query: [(String, String)]) throws -> URL {
    var parts = URLComponents()
    if !query.isEmpty { parts.queryItems = query.map { URLQueryItem(name: $0.0, value: $0.1) } }
    // A plus would be read as a space.
    let tail = (parts.percentEncodedQuery ?? "").replacing("+", with: "%2B")
    let root =
      base.absoluteString.hasSuffix("/") ? String(base.absoluteString.dropLast()) : base.absoluteString
    guard let url = URL(string: root + path + (tail.isEmpty ? "" : "?\(tail)")) else {
      throw WrongUsage(description: "\(path) can't stand in an address")
    }
    return url
  }

  private static let session: URLSession = {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.urlCache = nil
    configuration.httpCookieStorage = nil
    return URLSession(configuration: configuration)
  }()
}
