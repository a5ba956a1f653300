import Crypto
import Foundation

/// How a receiver knows that a delivery is the service's, is whole and is not an old one sent again: the scheme of Standard
/// Webhooks. `webhook-signature` is `v1,` and, in base64, HMAC-SHA256 over `<id>.<time>.<content>`.
package enum WebhookSignature {
  private static let prefix = "whsec_"

  /// A new secret: `whsec_` and 256 random bits in base64.
  package static func makeSecret() -> String {
    prefix + SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }.base64EncodedString()
  }

  /// The bits of a secret; nil for what is none (24 to 64 bytes in base64 behind `whsec_`).
  package static func key(_ secret: String) -> [UInt8]? {
    guard secret.hasPrefix(prefix), let bits = Data(base64Encoded: String(secret.dropFirst(prefix.count))),
      24...64 ~= bits.count
    else { return nil }
    return [UInt8](bits)
  }

  /// The fields that a delivery carries.
  package static func fields(id: String, seconds: Int, content: String, key: [UInt8]) -> [(String, String)] {
    let code = HMAC<SHA256>.authenticationCode(
      for: Data("\(id).\(seconds).\(content)".utf8), using: SymmetricKey(data: key))
    return [
      ("webhook-id", id), ("webhook-timestamp", String(seconds)),
      ("webhook-signature", "v1," + Data(code).base64EncodedString()),
    ]
  }
}
