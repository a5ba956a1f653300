/// The binary versions of CIFAR-10 and CIFAR-100: records of label bytes and 3,072 pixel bytes, the red,
/// green and blue planes of 32 × 32 (Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009).
struct CIFAR: Sendable {
  /// Label bytes in a record, and the one that counts.
  let labelBytes: Int
  let labelIndex: Int
  let classes: Int
  let namesFile: String
  let trainFiles: [String]
  let testFile: String

  /// Fetches the archive and writes the block file.
  func decode(
    _ file: PublishedFile, of name: String, fetcher: Fetcher, limits: DatasetLimits, to path: String
  ) throws(DatasetError) {
    let archive = try fetcher.fetch(file, of: name)
    let folder = try fetcher.directory.folder(.blocks)
    try decode(try PlainFile(archive, temporaryIn: folder, limits: limits), limits: limits, to: path)
  }

  /// Writes the block file from a decompressed archive. Training files that an archive leaves out are no
  /// fault as long as there is one.
  func decode(_ plain: PlainFile, limits: DatasetLimits, to path: String) throws(DatasetError) {
    let archive = try TarArchive(file: plain.file, limits: limits)
    func member(_ name: String) -> TarArchive.Member? {
      archive.members.first { $0.name == name || $0.name.hasSuffix("/\(name)") }
    }
    let trainMembers = trainFiles.compactMap(member)
    guard !trainMembers.isEmpty, let test = member(testFile) else {
      throw .malformed(
        file: plain.file.path, place: .wholeFile, reason: "holds no \(trainFiles[0]) or no \(testFile)")
    }
    let writer = try BlockWriter(
      path: path, element: .uint8, shape: .image(height: 32, width: 32, channels: 3), classes: classes,
      limits: limits)
    if let names = member(namesFile) {
      let text = try plain.file.read(min(names.range.count, 1 << 16), at: names.range.lowerBound)
      let lines = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
      if lines.count == classes { writer.name(classes: lines, columns: nil) }
    }
    for member in trainMembers { try copy(member, of: plain.file, to: writer) }
    try writer.beginTest()
    try copy(test, of: plain.file, to: writer)
    try writer.finish()
  }

  private func copy(_ member: TarArchive.Member, of file: File, to writer: BlockWriter) throws(DatasetError) {
    let record = labelBytes + 3_072
    guard member.range.count > 0, member.range.count % record == 0 else {
      throw .malformed(
        file: file.path, place: .member(member.name),
        reason: "\(member.range.count) bytes are no whole number of \(record)-byte records")
    }
    for start in stride(from: member.range.lowerBound, to: member.range.upperBound, by: record * 500) {
      let bytes = try file.read(min(record * 500, member.range.upperBound - start), at: start)
      var pixels = [UInt8](repeating: 0, count: bytes.count / record * 3_072)
      var labels: [Int32] = []
      for row in 0..<bytes.count / record {
        let label = bytes[row * record + labelIndex]
        guard label < classes else {
          throw .malformed(
            file: file.path, place: .offset(start + row * record + labelIndex),
            reason: "label \(label), allowed is 0 to \(classes - 1)")
        }
        labels.append(Int32(label))
        let source = row * record + labelBytes
        let target = row * 3_072
        for channel in 0..<3 {
          for pixel in 0..<1_024 {
            pixels[target + pixel * 3 + channel] = bytes[source + channel * 1_024 + pixel]
          }
        }
      }
      try writer.append(bytes: pixels, labels: labels)
    }
  }
}
