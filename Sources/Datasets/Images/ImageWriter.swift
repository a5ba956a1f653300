import Dispatch
import Foundation
import Synchronization

/// Writes a block file from images: decoded and resized on all cores, written in order.
struct ImageWriter {
  let form: ImageForm
  let limits: DatasetLimits

  /// Throws at the first image, in order, that can't be decoded.
  @discardableResult
  func write(_ images: ImageCollection, source: String, to path: String) throws(DatasetError) -> Inference {
    try form.validate()
    let classes = images.classNames
    guard !images.train.isEmpty else {
      throw .malformed(
        file: source, place: .wholeFile, reason: "no images in the form <split>/<class>/<file>.jpg or .png")
    }
    guard Set(images.train.map(\.className)).count > 1 else {
      throw .malformed(file: source, place: .wholeFile, reason: "a single class, '\(classes[0])'")
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
    try copy(images.train, labels, to: writer)
    try writer.beginTest()
    try copy(images.test, labels, to: writer)
    return try writer.finish()
  }

  private func copy(
    _ entries: [ImageCollection.Entry], _ labels: [String: Int32], to writer: BlockWriter
  ) throws(DatasetError) {
    let batch = max(16, min(2_048, (64 << 20) / (form.height * form.width * form.channels)))
    for start in stride(from: 0, to: entries.count, by: batch) {
      var slice = entries[start..<min(entries.count, start + batch)]
      for pixels in try decode(slice) {
        let part = slice.prefix(Self.stretch)
        try writer.append(bytes: pixels, labels: part.map { labels[$0.className]! })
        slice = slice.dropFirst(Self.stretch)
      }
    }
  }

  /// Images that one thread takes at a time: several, so that threads rarely meet, and few enough to even out
  /// their lengths.
  private static let stretch = 16

  /// The pixels of each stretch of images.
  func decode(_ entries: ArraySlice<ImageCollection.Entry>) throws(DatasetError) -> [[UInt8]] {
    let stretches = (entries.count + Self.stretch - 1) / Self.stretch
    let results = Mutex([Result<[UInt8], DatasetError>?](repeating: nil, count: stretches))
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(
      iterations: min(stretches, ProcessInfo.processInfo.activeProcessorCount)
    ) { _ in
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
    var pixels: [[UInt8]] = []
    for result in results.withLock({ $0 }) { pixels.append(try result!.get()) }
    return pixels
  }

  private func decode(
    _ entries: ArraySlice<ImageCollection.Entry>, with decoder: ImageDecoder
  ) throws(DatasetError) -> [UInt8] {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(entries.count * form.height * form.width * form.channels)
    for entry in entries {
      let bytes: [UInt8]
      switch entry.source {
      case .path(let path):
        let file = try File(path, .read)
        try check(file.size, entry.name)
        bytes = try file.read(file.size, at: 0)
      case .range(let file, let range):
        try check(range.count, entry.name)
        bytes = try file.read(range.count, at: range.lowerBound)
      }
      try decoder.decode(bytes, name: entry.name, form: form, into: &pixels)
    }
    return pixels
  }

  private func check(_ size: Int, _ name: String) throws(DatasetError) {
    guard size <= limits.imageBytes else {
      throw .limitExceeded(file: name, limit: "\(size) bytes of one image")
    }
  }
}
