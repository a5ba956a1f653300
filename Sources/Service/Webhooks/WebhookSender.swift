import CHTTPPost
import Foundation

/// Sends one delivery. Where it goes is looked at when the connection is made, after names were resolved, at each redirect
/// too: a name that stands for one address when it is checked and for another when it is used gains nothing.
package struct WebhookSender: Sendable {
  /// Ranges that may be sent to although they are not public.
  let allowed: [AddressRange]
  let timeout: Duration

  /// - Parameter allowed: beside the public internet.
  package init(allowed: [AddressRange] = [], timeout: Duration = .seconds(10)) {
    self.allowed = allowed
    self.timeout = timeout
  }

  /// What came of an attempt.
  package enum Outcome: Sendable, Hashable {
    case delivered(status: Int)
    /// `status` is nil where there was no answer.
    case failed(status: Int?, error: String)
  }

  private static let redirects = 3

  /// Whether an address may be connected to.
  func allows(_ address: IPAddress) -> Bool { address.isPublic || allowed.contains { $0.contains(address) } }

  /// Posts the content as it is.
  ///
  /// - Throws: `CancellationError` where the task is cancelled: what comes of the post then nobody learns.
  package func send(to url: String, fields: [(String, String)], content: String) async throws -> Outcome {
    try await detachedFromCancellation { [self] in post(url, fields, content) }
  }

  private final class Context {
    let sender: WebhookSender
    init(_ sender: WebhookSender) { self.sender = sender }
  }

  private func post(_ url: String, _ fields: [(String, String)], _ content: String) -> Outcome {
    let context = Context(self)
    let lines = fields.map { strdup("\($0.0): \($0.1)") }
    defer { for line in lines { free(line) } }
    var answer = emc_http_answer()
    withExtendedLifetime(context) {
      url.withCString { url in
        content.withCString { body in
          lines.map { UnsafePointer($0) }.withUnsafeBufferPointer { headers in
            var post = emc_http_post()
            post.url = url
            post.headers = headers.baseAddress
            post.header_count = headers.count
            post.body = UnsafeRawPointer(body)
            post.body_length = content.utf8.count
            post.timeout_milliseconds = Int(timeout.inSeconds * 1000)
            post.redirects = Self.redirects
            post.context = Unmanaged.passUnretained(context).toOpaque()
            post.allows = { context, address in
              guard let context, let address, let ip = IPAddress(address) else { return 0 }
              let sender = Unmanaged<Context>.fromOpaque(context).takeUnretainedValue().sender
              return sender.allows(ip) ? 1 : 0
            }
            emc_http_send(&post, &answer)
          }
        }
      }
    }
    let status = answer.status > 0 ? Int(answer.status) : nil
    if let status, 200...299 ~= status { return .delivered(status: status) }
    let error = withUnsafeBytes(of: answer.error) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return .failed(status: status, error: error.isEmpty ? "the receiver answered \(status ?? 0)" : error)
  }
}
