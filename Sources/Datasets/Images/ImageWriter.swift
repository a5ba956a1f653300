import Compute
import Foundation
import Synchronization

/// Writes a block file from images: decoded and resized on all cores, written in order.
struct ImageWriter {
  let form: ImageForm
  let limits: DatasetLimits

  /// Throws at the first image, in order, that can't be decoded.
  func write(_ images: ImageCollection, source: String, to path: String) throws(DatasetError) -> Inference {
    try form.validate()
    let classes = images.classNames
    guard !images.train.isEmpty else {
      throw .malformed(
        file: source, place: .wholeFile,
        reason: "no training images (\(ImageKind.endings)) in the form <split>/<class>/<file>")
    }
    guard Set(images.train.map(\.className)).count > 1 else {
      throw .malformed(
        file: source, place: .wholeFile,
        reason:
          "a single class, '\(images.train[0].className)': the layout needs a folder for each class; a file that "
          + "names the classes of images isn't read")
    }
    guard classes.count <= limits.classes else {
      throw .limitExceeded(file: source, limit: "more than \(limits.classes) classes")
    }
    let labels = Dictionary(uniqueKeysWithValues: zip(classes, (0 as Int32)...))
    let writer = try BlockWriter(
      path: path, element: .uint8,
      shape: .image(height: form.height, width: form.width, channels: form.channels), classes: classes.count,
      limits: limits)
    writer.name(classes: classes, columns: nil)
    var census = ImageCensus()
    try copy(images.train, labels, &census, to: writer)
    try writer.beginTest()
    try copy(images.test, labels, &census, to: writer)
    return try writer.finish(understood(images, census))
  }

  private func understood(_ images: ImageCollection, _ census: ImageCensus) -> Inference {
    var understood = Inference()
    understood.warnings = images.warnings
    var inference = images.inference
    inference.kinds = ImageKind.allCases.compactMap { kind in
      census.kinds[kind].map { .init(kind: kind.rawValue, files: $0) }
    }
    (inference.smallest, inference.largest) = (census.smallest, census.largest)
    understood.images = inference
    if census.warned > 0 {
      understood.warn(
        .decoderWarning,
        "\(census.warned) images were decoded with a warning: \(shortList(census.warnings, of: census.warned, upTo: 5))"
      )
    }
    if census.turned > 0, !form.appliesOrientation {
      understood.warn(
        .inferred,
        "\(census.turned) images are stored turned by their EXIF data and are taken as they are stored: set "
          + "exif_orientation to apply to have them turned")
    }
    return understood
  }

  private func copy(
    _ entries: [ImageCollection.Entry], _ labels: [String: Int32], _ census: inout ImageCensus,
    to writer: BlockWriter
  ) throws(DatasetError) {
    let batch = max(16, min(2_048, (64 << 20) / (form.height * form.width * form.channels)))
    for start in stride(from: 0, to: entries.count, by: batch) {
      var slice = entries[start..<min(entries.count, start + batch)]
      for stretch in try decode(slice) {
        let part = slice.prefix(Self.stretch)
        census.add(stretch.census)
        try writer.append(bytes: stretch.pixels, labels: part.map { labels[$0.className]! })
        slice = slice.dropFirst(Self.stretch)
      }
    }
  }

  /// Images that one thread takes at a time: several, so that threads rarely meet, and few enough to even out
  /// their lengths.
  private static let stretch = 16

  /// Images that one thread has decoded, and what they were.
  private struct Stretch {
    var pixels: [UInt8] = []
    var census = ImageCensus()
  }

  /// The pixels of each stretch of images.
  private func decode(_ entries: ArraySlice<ImageCollection.Entry>) throws(DatasetError) -> [Stretch] {
    let stretches = (entries.count + Self.stretch - 1) / Self.stretch
    let results = Mutex([Result<Stretch, DatasetError>?](repeating: nil, count: stretches))
    let next = Atomic(0)
    onThreads(min(stretches, ProcessInfo.processInfo.activeProcessorCount), named: "emc images") {
      let decoder = ImageDecoder(limits: limits)
      while true {
        let number = next.add(1, ordering: .relaxed).oldValue
        guard number < stretches else { return }
        let first = entries.startIndex + number * Self.stretch
        let part = entries[first..<min(entries.endIndex, first + Self.stretch)]
        let result = Result { () throws(DatasetError) in try decode(part, with: decoder) }
        results.withLock { $0[number] = result }
      }
    }
    var decoded: [Stretch] = []
    for result in results.withLock({ $0 }) { decoded.append(try result!.get()) }
    return decoded
  }

  private func decode(
    _ entries: ArraySlice<ImageCollection.Entry>, with decoder: ImageDecoder
  ) throws(DatasetError) -> Stretch {
    var stretch = Stretch()
    stretch.pixels.reserveCapacity(entries.count * form.height * form.width * form.channels)
    for entry in entries {
      let bytes = try entry.source.bytes(entry.name, limit: limits.imageBytes)
      try decoder.decode(bytes, name: entry.name, form: form, into: &stretch.pixels)
    }
    stretch.census = decoder.takeCensus()
    return stretch
  }
}
