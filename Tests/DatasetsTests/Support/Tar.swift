/// Writes POSIX ustar archives, field by field after the standard.
enum Tar {
  static func archive(_ members: [(String, [UInt8])]) -> [UInt8] {
    members.flatMap { member($0, $1) } + [UInt8](repeating: 0, count: 1_024)
  }

  static func member(
    _ name: String, _ content: [UInt8], type: UInt8 = UInt8(ascii: "0"), size: String? = nil
  ) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func set(_ text: String, at offset: Int) {
      for (place, byte) in text.utf8.enumerated() { header[offset + place] = byte }
    }
    func octal(_ value: Int, _ digits: Int) -> String {
      let text = String(value, radix: 8)
      return String(repeating: "0", count: digits - text.count) + text
    }
    set(String(name.prefix(100)), at: 0)
    set(octal(0o644, 7), at: 100)
    set(octal(0, 7), at: 108)
    set(octal(0, 7), at: 116)
    set(size ?? octal(content.count, 11), at: 124)
    set(octal(0, 11), at: 136)
    set("        ", at: 148)
    header[156] = type
    set("ustar", at: 257)
    set("00", at: 263)
    set(octal(header.reduce(0) { $0 + Int($1) }, 6), at: 148)
    header[154] = 0
    return header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }
}

extension Tar {
  /// A header whose checksum fits again.
  static func withChecksum(_ member: [UInt8]) -> [UInt8] {
    var member = member
    for place in 148..<156 { member[place] = 32 }
    let sum = String(member[0..<512].reduce(0) { $0 + Int($1) }, radix: 8)
    let text = String(repeating: "0", count: 6 - sum.count) + sum
    for (place, byte) in text.utf8.enumerated() { member[148 + place] = byte }
    member[154] = 0
    return member
  }
}
