import Capacity
import Foundation
import HTTPServer

/// 256 random bits that prove who asks, as clients write them: `emc_` and 43 characters of base64url (RFC 4648 §5). Kept
/// nowhere but with the client; the database has their digest.
package struct AccessToken: Sendable {
  /// What the client sends.
  package let text: String
  /// SHA-256 of the bits, in hexadecimal.
  package let digest: String

  /// New bits, from the system's source of randomness.
  package init() {
    var random = SystemRandomNumberGenerator()
    self.init((0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  /// A token that a client has sent; nil for what can't be one.
  package init?(_ text: String) {
    guard text.hasPrefix(Secrets.prefix), text.utf8.count == Secrets.prefix.utf8.count + Secrets.length else {
      return nil
    }
    let base64 = text.dropFirst(Secrets.prefix.count).replacing("-", with: "+").replacing("_", with: "/")
    guard let bits = Data(base64Encoded: base64 + "="), bits.count == 32 else { return nil }
    self.init([UInt8](bits))
    // One way of writing each: the last character has two bits to spare.
    guard self.text == text else { return nil }
  }

  private init(_ bits: [UInt8]) {
    text =
      Secrets.prefix
      + Data(bits).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      .replacing("=", with: "")
    digest = contentDigest(of: bits)
  }
}

/// What a token may be used for. Who may do more may do less.
package enum AccessScope: String, Sendable, CaseIterable, Comparable {
  /// Look at everything but tokens and webhooks.
  case read
  /// Submit, change and remove jobs, studies and data sets.
  case submit
  /// Tokens and webhooks too.
  case admin

  package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .read: 0
    case .submit: 1
    case .admin: 2
    }
  }
}

/// Whether two secrets are the same, in a time that tells nothing of where they differ.
func isSameSecret(_ a: String, _ b: String) -> Bool {
  let (a, b) = (Array(a.utf8), Array(b.utf8))
  guard a.count == b.count else { return false }
  return zip(a, b).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
}
