import Compute
import Foundation

/// The header of a block file, the one form in which decoded data sets are kept.
///
/// A block file holds, in this order:
///
///     0      "EMCBLOCK", 8 bytes
///     8      offset of the header, 64-bit little-endian
///     16     length of the header, likewise
///     24     SHA-256 of the header, 32 bytes
///     4096   inputs of the training split: samples × shape.count elements, images height × width × channels
///     …      labels of the training split: 32-bit little-endian integers
///     …      inputs and labels of the test split
///     …      the header: this structure as JSON
///
/// Each part starts at a multiple of 4096 bytes. Elements are unsigned bytes or little-endian floats of 32
/// or 64 bits. Version 1 knew no floats of 64 bits, and is read as it was.
struct BlockHeader: Codable, Hashable {
  static let magic = Array("EMCBLOCK".utf8)
  static let prefaceSize = 56
  static let alignment = 4_096
  static let currentVersion = 2

  enum Element: String, Codable {
    case uint8, float32, float64

    var size: Int {
      switch self {
      case .uint8: 1
      case .float32: 4
      case .float64: 8
      }
    }
  }

  struct Part: Codable, Hashable {
    var samples = 0
    var inputs = 0
    var labels = 0
  }

  var version = BlockHeader.currentVersion
  var element: Element
  /// One size for tables; height, width and channels for images.
  var shape: [Int]
  var classes: Int
  var classNames: [String]?
  var columnNames: [String]?
  var digest: String
  var moments: ChannelMoments
  var train: Part
  var test: Part

  var sampleShape: SampleShape {
    shape.count == 3
      ? .image(height: shape[0], width: shape[1], channels: shape[2]) : .features(shape[0])
  }

  /// Refuses a header whose parts don't lie in a file of `size` bytes.
  func validate(file: String, size: Int) throws(DatasetError) {
    func refuse(_ reason: String) -> DatasetError {
      .malformed(file: file, place: .wholeFile, reason: "\(reason); delete it to have it made again")
    }
    guard 1...Self.currentVersion ~= version else { throw refuse("block format version \(version)") }
    guard shape.count == 1 || shape.count == 3, shape.allSatisfy({ 1...1 << 24 ~= $0 }) else {
      throw refuse("shape \(shape)")
    }
    let (pixels, overflow) = shape.reduce((1, false)) { product, size in
      let next = product.0.multipliedReportingOverflow(by: size)
      return (next.partialValue, product.1 || next.overflow)
    }
    guard !overflow, 1...1 << 32 ~= pixels else { throw refuse("shape \(shape)") }
    guard 1...Int(Int32.max) ~= classes else { throw refuse("\(classes) classes") }
    let channels = sampleShape.channels
    guard moments.mean.count == channels, moments.deviation.count == channels else {
      throw refuse("moments of \(moments.mean.count) channels")
    }
    for part in [train, test] {
      guard 0...1 << 40 ~= part.samples, part.inputs % Self.alignment == 0, part.labels % 4 == 0 else {
        throw refuse("misplaced parts")
      }
      let (inputBytes, tooLong) = part.samples.multipliedReportingOverflow(by: pixels * element.size)
      guard !tooLong, part.inputs >= 0, part.labels >= 0, inputBytes <= size - part.inputs,
        part.samples * 4 <= size - part.labels
      else { throw refuse("parts beyond its end") }
    }
  }
}
