import Dispatch
import Synchronization

/// Writes a block file from images: decoded and resized on all cores, written in order.
struct ImageWriter {
  let form: ImageForm
  let limits: DatasetLimits

  /// Throws at the first image, in order, that can't be decoded.
  func write(_ images: ImageCollection, source: String, to path: String) throws(DatasetError) {
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
    try writer.finish()
  }

  private func copy(
    _ entries: [ImageCollection.Entry], _ labels: [String: Int32], to writer: BlockWriter
  ) throws(DatasetError) {
    let batch = max(16, min(2_048, (64 << 20) / (form.height * form.width * form.channels)))
    for start in stride(from: 0, to: entries.count, by: batch) {
      let slice = entries[start..<min(entries.count, start + batch)]
      let pixels = try decode(slice)
      try writer.append(bytes: pixels, labels: slice.map { labels[$0.className]! })
    }
  }

  /// The pixels of all images, one after the other.
  func decode(_ entries: ArraySlice<ImageCollection.Entry>) throws(DatasetError) -> [UInt8] {
    let size = form.height * form.width * form.channels
    // Stretches of several images, so that threads rarely meet, and enough of them to even out their lengths.
    let stretch = 16
    let stretches = (entries.count + stretch - 1) / stretch
    let results = Mutex([Result<[UInt8], DatasetError>?](repeating: nil, count: stretches))
    DispatchQueue.concurrentPerform(iterations: stretches) { number in
      let first = entries.startIndex + number * stretch
      let part = entries[first..<min(entries.endIndex, first + stretch)]
      let result = Result { () throws(DatasetError) in try decodeInOrder(part) }
      results.withLock { $0[number] = result }
    }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(entries.count * size)
    for result in results.withLock({ $0 }) { pixels += try result!.get() }
    return pixels
  }

  private func decodeInOrder(_ entries: ArraySlice<ImageCollection.Entry>) throws(DatasetError) -> [UInt8] {
    let decoder = ImageDecoder(limits: limits)
    var pixels: [UInt8] = []
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
      pixels += try decoder.decode(bytes, name: entry.name, form: form)
    }
    return pixels
  }

  private func check(_ size: Int, _ name: String) throws(DatasetError) {
    guard size <= limits.imageBytes else {
      throw .limitExceeded(file: name, limit: "\(size) bytes of one image")
    }
  }
}
