import Compute
import CPNG
import Foundation

/// The first samples of a split as they were decoded, and how many each class has.
public struct DatasetPreview: Sendable, Hashable {
  /// Most samples of one preview.
  public static let limit = 100

  /// One sample.
  public struct Row: Sendable, Hashable {
    /// Its position in the split.
    public let index: Int
    /// Its label.
    public let label: Int
    /// The numbers of a table's inputs, before they are standardised; none for images.
    public let inputs: [Double]
    /// An image as PNG, as the network sees it before it is standardised; nil for tables.
    public let png: [UInt8]?
  }

  /// The data set's name.
  public let name: String
  /// SHA-256 of its content.
  public let digest: String
  /// Which split the rows are of.
  public let split: Split
  /// The shape of one input.
  public let shape: SampleShape
  /// The names of a table's inputs.
  public let columns: [String]?
  /// Every class with its samples.
  public let classes: [ClassCount]
  /// The first samples.
  public let rows: [Row]
}

extension DatasetLibrary {
  /// The first samples of an added data set, or of one of the catalogue that has been fetched.
  ///
  /// Throws `unknownDataset` where there is none on this machine.
  public func preview(name: String, rows: Int, split: Split = .train) throws(DatasetError) -> DatasetPreview {
    let dataset: BlockDataset
    var classNames: [String]?
    var columnNames: [String]?
    if let entry = try stored(named: name) {
      guard let opened = try open(digest: entry.digest) as? BlockDataset else {
        throw .unknownDataset(name: name)
      }
      dataset = opened
      // Content is shared between names, and each has its own names of classes and columns.
      (classNames, columnNames) = (entry.classNames, entry.columnNames)
    } else {
      guard let entry = Catalogue.entry(named: name), let reference = entry.published,
        isCached(entry) == true,
        let opened = try open(reference) as? BlockDataset
      else { throw .unknownDataset(name: name) }
      dataset = opened
    }
    classNames = classNames ?? dataset.classNames
    return DatasetPreview(
      name: name, digest: dataset.digest, split: split, shape: dataset.shape,
      columns: columnNames ?? dataset.columnNames, classes: try dataset.classCounts(names: classNames),
      rows: try dataset.rows(rows, of: split))
  }
}

extension BlockDataset {
  fileprivate func classCounts(names: [String]?) throws(DatasetError) -> [ClassCount] {
    var counts = (0..<classes).map {
      ClassCount(name: names?[$0] ?? "\($0)", trainingSamples: 0, testSamples: 0)
    }
    for split in Split.allCases {
      for label in try allLabels(of: split) {
        if split == .train {
          counts[Int(label)].trainingSamples += 1
        } else {
          counts[Int(label)].testSamples += 1
        }
      }
    }
    return counts
  }

  private func allLabels(of split: Split) throws(DatasetError) -> [Int32] {
    try labels(
      at: Array(0..<(count(of: split) ?? 0)), split: split,
      key: DrawKey(SubsetKey(seed: 0, samples: 1, replicate: 0)), execution: DrawExecution())
  }

  fileprivate func rows(_ rows: Int, of split: Split) throws(DatasetError) -> [DatasetPreview.Row] {
    let indices = Array(0..<min(rows, count(of: split) ?? 0))
    let labels = try labels(
      at: indices, split: split, key: DrawKey(SubsetKey(seed: 0, samples: 1, replicate: 0)),
      execution: DrawExecution())
    return zip(indices, labels).map { index, label in
      var inputs: [Double] = []
      var png: [UInt8]?
      if case .image(let height, let width, let channels) = shape {
        png = PNGImage.encoded(
          bytes(at: index, split: split), height: height, width: width, channels: channels)
      }
      if png == nil { inputs = values(at: index, split: split) }
      return DatasetPreview.Row(index: index, label: Int(label), inputs: inputs, png: png)
    }
  }
}

/// Writes PNG files of bytes.
private enum PNGImage {
  /// Nil where there are no bytes, or channels that PNG has no form for.
  static func encoded(_ pixels: [UInt8]?, height: Int, width: Int, channels: Int) -> [UInt8]? {
    guard let pixels, 1...4 ~= channels else { return nil }
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(width)
    image.height = png_uint_32(height)
    // Grey, grey and alpha, colour, colour and alpha.
    image.format =
      [
        0, UInt32(PNG_FORMAT_FLAG_ALPHA), UInt32(PNG_FORMAT_FLAG_COLOR),
        UInt32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA),
      ][channels - 1]
    var size = png_alloc_size_t(pixels.count + pixels.count / 8 + 65_536)
    let encoded = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, initialized in
      initialized =
        png_image_write_to_memory(&image, buffer.baseAddress, &size, 0, pixels, 0, nil) != 0 ? Int(size) : 0
    }
    return encoded.isEmpty ? nil : encoded
  }
}
