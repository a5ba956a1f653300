import Capacity
import Foundation
import HTTPServer

/// The cookie of a browser's session: 256 random bits that stand for a token, so that no page holds the token itself.
struct SessionCookie {
  static let name = "emc_session"
  /// A week.
  static let lifetime = Duration.seconds(604_800)

  /// What the browser keeps.
  let secret: String

  /// What the database keeps.
  var digest: String { contentDigest(of: Array(secret.utf8)) }

  /// What a page of this site proves itself by: it can be asked for by such a page alone, and doesn't tell the secret.
  var csrf: String { contentDigest(of: Array("csrf \(secret)".utf8)) }

  /// A new session's.
  init() {
    var random = SystemRandomNumberGenerator()
    secret = (0..<4).map { _ in
      let digits = String(random.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// The one that a browser sends (RFC 6265 §5.4); nil where there is none.
  init?(_ headers: HTTPHeaders) {
    for field in headers.values("Cookie") {
      for pair in field.split(separator: ";") {
        let pair = pair.trimmingCharacters(in: .whitespaces)
        guard pair.hasPrefix(Self.name + "=") else { continue }
        let value = String(pair.dropFirst(Self.name.count + 1))
        guard value.utf8.count == 64, value.utf8.allSatisfy({ 48...57 ~= $0 || 97...102 ~= $0 }) else {
          continue
        }
        secret = value
        return
      }
    }
    return nil
  }

  init(secret: String) { self.secret = secret }

  /// The field that gives it to the browser: no script reads it, and no other site's page sends it.
  func field(isSecure: Bool, lifetime: Duration = lifetime) -> String {
    "\(Self.name)=\(secret); Path=/; Max-Age=\(lifetime.components.seconds); HttpOnly; SameSite=Strict"
      + (isSecure ? "; Secure" : "")
  }
}
