import Capacity
import Foundation

/// A webhook that a client asks for.
package struct RequestedWebhook: Sendable, Hashable {
  package let url: String
  /// Nil: one is to be made.
  package let secret: String?

  /// Reads `url` and `secret`; faults go to the reader's collector.
  ///
  /// - Parameter isSecretRequired: where the client has no other way to learn of one.
  init(reading reader: ObjectReader, sender: WebhookSender, isSecretRequired: Bool) {
    let allowed = "an http or https URL of at most 2000 characters, without user, password and fragment"
    let text = reader.string("url", allowed: allowed, where: Self.isAddress) ?? ""
    if let host = URLComponents(string: text)?.host {
      let digits = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
      // Names are looked at when they are connected to; of digits it can be said at once.
      if let address = IPAddress(digits), !sender.allows(address) {
        reader.fault(
          "url", allowed: "a public address, or one within --webhook-allow",
          "leads to an address that is private, of loopback or link-local")
      }
    }
    url = text
    let words = "whsec_ and 24 to 64 random bytes in base64"
    secret =
      isSecretRequired || reader.has("secret")
      ? reader.string("secret", allowed: words) { WebhookSignature.key($0) != nil } : nil
    reader.finish()
  }

  /// The document without what stands where a secret belongs and is none: faults repeat what they are about.
  static func masked(_ document: JSONValue) -> JSONValue {
    switch document {
    case .array(let elements): return .array(elements.map(masked))
    case .object(var members):
      if let text = members["secret"]?.stringValue, WebhookSignature.key(text) == nil {
        members["secret"] = .string("…")
      }
      return .object(members)
    default: return document
    }
  }

  private static func isAddress(_ text: String) -> Bool {
    guard text.utf8.count <= 2_000, text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }),
      let parts = URLComponents(string: text)
    else { return false }
    return ["http", "https"].contains(parts.scheme?.lowercased()) && parts.host?.isEmpty == false
      && (1...65_535).contains(parts.port ?? 1)
      && parts.user == nil && parts.password == nil && parts.fragment == nil
  }

  /// Takes the member `webhooks` out of a job's or a study's document: it is no part of what is measured, and its secrets
  /// are kept apart.
  ///
  /// - Parameter admit: admits what is left.
  /// - Throws: `SpecificationError` with every fault of both.
  static func taken<T>(
    from document: JSONValue, sender: WebhookSender, _ admit: (JSONValue) throws(SpecificationError) -> T
  ) throws(SpecificationError) -> (T, [RequestedWebhook]) {
    guard case .object(var members) = document, let value = members.removeValue(forKey: member) else {
      return (try admit(document), [])
    }
    let faults = FaultCollector()
    let reader = ObjectReader(.object([member: masked(value)]), at: "", faults: faults)
    let webhooks = reader.objects(member, count: 1...10) {
      RequestedWebhook(reading: $0, sender: sender, isSecretRequired: true)
    }
    let rest = try faults.joined { () throws(SpecificationError) in try admit(.object(members)) }
    return (rest, webhooks)
  }

  /// The member that `taken` takes out.
  static let member = "webhooks"
}
