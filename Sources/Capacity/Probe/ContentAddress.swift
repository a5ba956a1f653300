import Crypto

/// The engine's revision: part of every probe's address. It grows whenever a change makes the same probe end with other bits,
/// so that outcomes of different engines are never mixed; and whenever a search or a race asks for other probes after the same
/// outcomes, since a job that is under way would go on by other rules than it began with, at worst with another winner.
package let engineRevision = 13

/// The SHA-256 digest, in hexadecimal, of a JSON tree's text.
func contentAddress(of value: JSONValue) -> String { contentDigest(of: value.utf8()) }

/// The SHA-256 digest, in hexadecimal, of a text's bytes.
package func contentDigest(of bytes: [UInt8]) -> String {
  SHA256.hash(data: bytes).map { byte in
    let digits = String(byte, radix: 16)
    return digits.count == 2 ? digits : "0" + digits
  }.joined()
}
