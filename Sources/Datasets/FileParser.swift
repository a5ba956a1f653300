import Crypto
import Foundation

/// Every parser of foreign bytes behind one door, for the fuzz tests: whatever the bytes, it returns or throws.
@_spi(Fuzzing)
public enum FileParser: String, CaseIterable, Sendable {
  case idx, gzip, xz, zstd, tar, images, cifar10, cifar100, csv, table, mat, npy, npz, image, block, checksums

  /// Small enough that a run of the fuzzer never waits for memory or disk.
  private static var limits: DatasetLimits {
    var limits = DatasetLimits()
    limits.decodedBytes = 16 << 20
    limits.imagePixels = 1 << 20
    limits.sampleElements = 1 << 20
    limits.rowBytes = 1 << 16
    limits.columns = 1_024
    limits.archiveMembers = 1_000
    return limits
  }

  /// Parses `bytes` as this kind of file to its end. Files are made in `folder` and removed again.
  public func parse(_ bytes: [UInt8], in folder: String) throws(DatasetError) {
    let limits = Self.limits
    let unique = "\(folder)/\(UUID().uuidString)"
    let (source, target) = (unique + ".in", unique + ".block")
    defer {
      unlink(source)
      unlink(target)
    }
    try File(source, .create).write(bytes)
    switch self {
    case .idx: try readItems(ByteReader(file: try File(source, .read), limits: limits))
    case .gzip, .xz, .zstd:
      let name = source
      var reader = ByteReader(
        name: name,
        source: DecompressedSource(
          name: name, self == .gzip ? .gzip : self == .xz ? .xz : .zstd, limits: limits,
          compressed: MemorySource(bytes: bytes)))
      while try !reader.some().isEmpty {}
    case .tar: _ = try TarArchive(file: try File(source, .read), limits: limits)
    case .cifar10, .cifar100:
      let cifar =
        self == .cifar10
        ? CIFAR10Definition.records : CIFAR100Definition(["labels": .word("fine")]).records
      let plain = try PlainFile(source, temporaryIn: folder, limits: limits)
      try cifar.decode(plain, limits: limits, to: target)
    case .csv: try decode(.csv(TableOptions()), source, folder, limits, target)
    case .table:
      // The first bytes choose the options, and the rest is the file.
      try File(source, .create).write(Array(bytes.dropFirst(4)))
      try decode(.csv(Self.options(bytes)), source, folder, limits, target)
    case .mat:
      let mat = try MATFile(try File(source, .read), limits: limits)
      var pixels = try mat.array(named: "X").elements
      while try !pixels.some().isEmpty {}
      _ = try mat.array(named: "y").integers(atMost: 1 << 16)
    case .npy: try decode(.npy(ArrayOptions()), source, folder, limits, target)
    case .npz: try decode(.npz(ArrayOptions()), source, folder, limits, target)
    case .images: try decode(.images(ImageForm(height: 8, width: 8)), source, folder, limits, target)
    case .image:
      var pixels: [UInt8] = []
      var form = ImageForm(height: 8, width: 8)
      form.appliesOrientation = true
      try ImageDecoder(limits: limits).decode(bytes, name: "image", form: form, into: &pixels)
    case .block:
      do throws(DatasetError) { try drawAll(source) } catch {
        // A digest that no longer fits ends most attempts here; a forger's file would bear the right one.
        try File(target, .create).write(Self.sealed(bytes))
        try drawAll(target)
      }
    case .checksums: _ = try ChecksumList(String(decoding: bytes, as: UTF8.self), file: source)
    }
  }

  /// Options of a table by the bits of four bytes.
  private static func options(_ bytes: [UInt8]) -> TableOptions {
    var options = TableOptions()
    var bits = bytes.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    func next(_ count: Int) -> Int {
      defer { bits /= count }
      return bits % count
    }
    options.encoding = ([nil] + TextEncoding.allCases)[next(TextEncoding.allCases.count + 1)]
    options.missing = MissingTreatment.allCases[next(MissingTreatment.allCases.count)]
    options.missingCategories =
      ([nil] + MissingCategoryTreatment.allCases)[next(MissingCategoryTreatment.allCases.count + 1)]
    options.headerRows = [nil, 0, 1, 2][next(4)]
    options.testFraction = [0, 0.3][next(2)]
    options.decimalMark = [nil, ".", ","][next(3)]
    options.thousands = [nil, ",", ".", " "][next(4)]
    options.comment = [nil, "#", "|"][next(3)]
    options.delimiter = [nil, ",", ";", "\t"][next(4)]
    if next(2) == 1 {
      options.columnTypes[.position(0)] = ColumnType.allCases[next(ColumnType.allCases.count)]
    }
    if next(2) == 1 { options.missingValues = ["-1", "x"] }
    if next(2) == 1 { options.classValues = ["NA", ""] }
    if next(2) == 1 { options.ignoredColumns = [.position(1)] }
    return options
  }

  private func decode(
    _ format: UploadFormat, _ source: String, _ folder: String, _ limits: DatasetLimits, _ target: String
  ) throws(DatasetError) {
    let directory = DataDirectory(URL(filePath: folder))
    try format.decode(source, directory: directory, limits: limits, to: target)
  }

  private func readItems(_ reader: ByteReader) throws(DatasetError) {
    var items = try IDXReader(reader, dimensions: 3)
    for _ in 0..<items.count { _ = try items.items(1) }
    try items.finish()
  }

  /// The block file with its header's own digest in the preface; as it is where the preface names no header.
  private static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    func integer(at offset: Int) -> Int? {
      Int(exactly: bytes[offset..<offset + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
    guard bytes.count >= BlockHeader.prefaceSize, let start = integer(at: 8), let length = integer(at: 16),
      start <= bytes.count, length <= bytes.count - start
    else { return bytes }
    var sealed = bytes
    sealed.replaceSubrange(24..<56, with: Array(SHA256.hash(data: bytes[start..<start + length])))
    return sealed
  }

  private func drawAll(_ path: String) throws(DatasetError) {
    let dataset = try BlockDataset(path: path)
    let count = min(1_000, dataset.count ?? 0)
    guard count * dataset.shape.count <= 1 << 22 else { return }
    _ = try dataset.subset(samples: count, key: SubsetKey(seed: 0, samples: count, replicate: 0))
  }
}
