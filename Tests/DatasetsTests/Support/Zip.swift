/// Writes zip archives of stored members, after the published application note.
enum Zip {
  static func archive(_ members: [(String, [UInt8])], statedSize: Int? = nil) -> [UInt8] {
    func little(_ value: Int, _ count: Int) -> [UInt8] { bigEndian(value, bytes: count).reversed() }
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for (name, content) in members {
      let offset = bytes.count
      let name = Array(name.utf8)
      let fields =
        little(20, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(Int(crc(content)), 4)
        + little(statedSize ?? content.count, 4) + little(statedSize ?? content.count, 4)
        + little(name.count, 2)
        + little(0, 2)
      bytes += [0x50, 0x4b, 3, 4] + fields + name + content
      directory += [0x50, 0x4b, 1, 2] + little(20, 2) + fields + little(0, 2) + little(0, 2) + little(0, 2)
      directory += little(0, 4) + little(offset, 4) + name
    }
    let start = bytes.count
    let end: [UInt8] =
      [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + little(members.count, 2) + little(members.count, 2)
      + little(directory.count, 4) + little(start, 4) + [0, 0]
    return bytes + directory + end
  }
}
