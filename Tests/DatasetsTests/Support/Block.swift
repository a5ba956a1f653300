import Foundation

/// A block file taken apart, as the documentation of its header says.
struct Block {
  var header: [String: Any]
  let bytes: Data

  init(_ data: Data) throws {
    bytes = data
    func integer(_ offset: Int) -> Int { (0..<8).reduce(0) { $0 | Int(data[offset + $1]) << ($1 * 8) } }
    let json = data[integer(8)..<integer(8) + integer(16)]
    header = try JSONSerialization.jsonObject(with: json) as? [String: Any] ?? [:]
  }

  /// The training split of a table of doubles as version 1 kept it, with floats.
  func asVersionOne() throws -> Data {
    let train = header["train"] as! [String: Int]
    let count = train["samples"]! * (header["shape"] as! [Int])[0]
    var content = Data(count: 4_096)
    for value in 0..<count {
      let start = train["inputs"]! + value * 8
      let bits = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << ($1 * 8) }
      withUnsafeBytes(of: Float(Double(bitPattern: bits)).bitPattern.littleEndian) {
        content.append(contentsOf: $0)
      }
    }
    content.append(Data(count: (4_096 - content.count % 4_096) % 4_096))
    let labels = content.count
    content.append(bytes[train["labels"]!..<train["labels"]! + train["samples"]! * 4])
    content.append(Data(count: (4_096 - content.count % 4_096) % 4_096))
    var old = header
    old["version"] = 1
    old["element"] = "float32"
    old["train"] = ["samples": train["samples"]!, "inputs": 4_096, "labels": labels]
    old["test"] = ["samples": 0, "inputs": content.count, "labels": content.count]
    let json = try JSONSerialization.data(withJSONObject: old)
    var preface = Data("EMCBLOCK".utf8)
    for number in [content.count, json.count] {
      withUnsafeBytes(of: UInt64(number).littleEndian) { preface.append(contentsOf: $0) }
    }
    let digits = Array(try sha256(Array(json)))
    for byte in stride(from: 0, to: 64, by: 2) {
      preface.append(UInt8(String(digits[byte...byte + 1]), radix: 16)!)
    }
    content.replaceSubrange(0..<preface.count, with: preface)
    return content + json
  }
}
