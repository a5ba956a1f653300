import Foundation

/// ImageNet (ILSVRC 2012) from the files that its authors publish, in a local folder:
///
/// - `train/<wnid>/<file>` and `val/<wnid>/<file>`; a flat `val/` needs `LOC_val_solution.csv` beside it,
/// - or `ILSVRC2012_img_train.tar`, a tar of one tar for each class, with `ILSVRC2012_img_val.tar`, a flat tar
///   that needs the same solution file,
/// - or the downsampled version (Chrabaszcz, Loshchilov and Hutter 2017) in its NumPy form:
///   `train_data_batch_1.npz` … and `val_data.npz`.
struct ImageNet {
  let folder: String
  let form: ImageForm
  let limits: DatasetLimits

  private static let trainArchive = "ILSVRC2012_img_train.tar"
  private static let testArchive = "ILSVRC2012_img_val.tar"
  private static let solution = "LOC_val_solution.csv"

  @discardableResult
  func decode(to path: String) throws(DatasetError) -> Inference {
    let batches = try Self.names(in: folder).filter {
      $0.hasPrefix("train_data_batch") && $0.hasSuffix(".npz")
    }
    guard batches.isEmpty else {
      let downsampled = DownsampledImageNet(folder: folder, batches: batches, form: form, limits: limits)
      return try downsampled.decode(to: path)
    }
    var images = ImageCollection(layout: "imagenet")
    if exists(Self.trainArchive) {
      try addArchives(to: &images)
    } else {
      guard exists("train") else {
        throw .unreadable(
          path: folder, reason: "no train folder, no \(Self.trainArchive) and no train_data_batch_*.npz in it"
        )
      }
      for image in try ImageFiles(folder: folder + "/train", limits: limits).images {
        guard let className = Self.folder(image) else { continue }
        images.addTrain(.init(name: "train/\(image.path)", className: className, source: image.source))
      }
      try addValidationFolder(to: &images)
    }
    return try ImageWriter(form: form, limits: limits).write(images, source: folder, to: path)
  }

  /// The folder of the class that an image lies in; nil beside all of them.
  private static func folder(_ image: ImageFiles.Item) -> String? {
    image.path.split(separator: "/").dropLast().first.map(String.init)
  }

  private func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(name)") }

  private static func names(in folder: String) throws(DatasetError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
      throw .unreadable(path: folder, reason: "no such folder")
    }
  }

  private func addValidationFolder(to images: inout ImageCollection) throws(DatasetError) {
    guard exists("val") else { return }
    let files = try ImageFiles(folder: folder + "/val", limits: limits).images
    for image in files {
      guard let className = Self.folder(image) else { continue }
      images.addTest(.init(name: "val/\(image.path)", className: className, source: image.source))
    }
    let flat = files.filter { Self.folder($0) == nil }
    guard !flat.isEmpty else { return }
    let classes = try solution()
    for image in flat { try addTest(image.path, image.source, classes, to: &images) }
  }

  private func addArchives(to images: inout ImageCollection) throws(DatasetError) {
    let outer = try TarArchive(file: try File("\(folder)/\(Self.trainArchive)", .read), limits: limits)
    for member in outer.members where member.name.hasSuffix(".tar") {
      let className = String(member.name.split(separator: "/").last!.dropLast(4))
      for image in try TarArchive(file: outer.file, range: member.range, limits: limits).members
      where Self.isImage(image.name) {
        images.addTrain(
          .init(
            name: "\(className)/\(image.name)", className: className, source: .range(outer.file, image.range))
        )
      }
    }
    guard exists(Self.testArchive) else { return }
    let classes = try solution()
    let archive = try TarArchive(file: try File("\(folder)/\(Self.testArchive)", .read), limits: limits)
    for member in archive.members where Self.isImage(member.name) {
      try addTest(member.name, .range(archive.file, member.range), classes, to: &images)
    }
  }

  private static func isImage(_ name: String) -> Bool {
    ImageKind(ending: ImageFiles.ending(name)) != nil
      && !name.split(separator: "/").contains { $0.hasPrefix(".") }
  }

  private func addTest(
    _ name: String, _ source: ImageSource, _ classes: [String: String],
    to images: inout ImageCollection
  ) throws(DatasetError) {
    let file = name.split(separator: "/").last!
    let identifier = String(file.prefix { $0 != "." })
    guard let className = classes[identifier] else {
      throw .malformed(file: Self.solution, place: .wholeFile, reason: "no class for \(identifier)")
    }
    images.addTest(.init(name: name, className: className, source: source))
  }

  /// `ImageId,PredictionString`, the latter starting with the class.
  private func solution() throws(DatasetError) -> [String: String] {
    let path = "\(folder)/\(Self.solution)"
    var options = TableOptions()
    options.delimiter = ","
    options.headerRows = 1
    let table = try TableFile(path, options: options, limits: limits)
    guard table.columns == 2 else {
      throw .malformed(file: path, place: .row(1), reason: "\(table.columns) fields, expected are 2")
    }
    var classes: [String: String] = [:]
    try table.forEachRow { (row: inout DelimitedReader, _: Int) throws(DatasetError) in
      let text = String(decoding: row[1].prefix { $0 != 32 }, as: UTF8.self)
      classes[String(decoding: row[0], as: UTF8.self)] = text
    }
    return classes
  }
}

/// Downsampled ImageNet: arrays `data`, samples × 3·size·size bytes in red, green and blue planes, and `labels`
/// from 1 to 1000.
private struct DownsampledImageNet {
  let folder: String
  let batches: [String]
  let form: ImageForm
  let limits: DatasetLimits

  func decode(to target: String) throws(DatasetError) -> Inference {
    guard form.height == form.width, form.channels == 3 else {
      throw .invalidOption(
        option: "resolution", value: "\(form.height)×\(form.width)×\(form.channels)",
        allowed: "the square colour images that the files hold")
    }
    let writer = try BlockWriter(
      path: target, element: .uint8, shape: .image(height: form.height, width: form.width, channels: 3),
      classes: 1_000, limits: limits)
    for name in batches { try copy(name, scratchBeside: target, to: writer) }
    try writer.beginTest()
    if FileManager.default.fileExists(atPath: "\(folder)/val_data.npz") {
      try copy("val_data.npz", scratchBeside: target, to: writer)
    }
    return try writer.finish()
  }

  private func copy(_ name: String, scratchBeside target: String, to writer: BlockWriter) throws(DatasetError)
  {
    let path = "\(folder)/\(name)"
    let archive = try ZipArchive(file: try File(path, .read), limits: limits)
    func reader(_ array: String) throws(DatasetError) -> NPYReader {
      guard let member = archive.members.first(where: { $0.name == "\(array).npy" }) else {
        throw .malformed(file: path, place: .wholeFile, reason: "no array '\(array)'")
      }
      return try NPYReader(try archive.reader(member), scratchBeside: target, limits: limits)
    }
    var data = try reader("data")
    var labelReader = try reader("labels")
    let pixels = form.height * form.width
    guard data.header.shape.count == 2, data.header.shape[1] == 3 * pixels, data.header.itemSize == 1,
      data.header.kind == .unsigned
    else {
      throw .malformed(
        file: path, place: .member("data"),
        reason:
          "an array of shape \(data.header.shape) where bytes of \(form.height) × \(form.width) × 3 are expected"
      )
    }
    let count = data.header.shape[0]
    guard labelReader.header.shape == [count] else {
      throw .malformed(
        file: path, place: .member("labels"), reason: "labels of shape \(labelReader.header.shape)")
    }
    let labels = try labelReader.integers(count)
    try labelReader.finish()
    for start in stride(from: 0, to: count, by: 256) {
      let batch = labels[start..<min(count, start + 256)]
      if let wrong = batch.first(where: { !(1...1_000 ~= $0) }) {
        throw .malformed(file: path, place: .member("labels"), reason: "label \(wrong), allowed is 1 to 1000")
      }
      let planes = try data.bytes(batch.count * 3 * pixels)
      var interleaved = [UInt8](repeating: 0, count: planes.count)
      for row in 0..<batch.count {
        for element in 0..<3 * pixels {
          interleaved[row * 3 * pixels + element % pixels * 3 + element / pixels] =
            planes[row * 3 * pixels + element]
        }
      }
      try writer.append(bytes: interleaved, labels: batch.map { Int32($0 - 1) })
    }
    try data.finish()
  }
}
