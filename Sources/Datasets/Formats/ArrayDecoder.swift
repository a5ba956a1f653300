/// Writes the block file of arrays: rows of features or images, with one label a sample, whose classes are the values
/// that occur. Images of unsigned bytes stay bytes; other numbers become the floats that hold them.
struct ArrayDecoder {
  let options: ArrayOptions
  let limits: DatasetLimits

  /// Decodes an `.npz`.
  func decode(npz file: File, to path: String) throws(DatasetError) -> Inference {
    let start = try file.read(4, at: 0)
    guard NPYHeader.otherKind(start).isEmpty || start.starts(with: [0x50, 0x4b]) else {
      throw .malformed(
        file: file.path, place: .offset(0), reason: "no zip archive" + NPYHeader.otherKind(start))
    }
    let archive = try ZipArchive(file: file, limits: limits)
    let arrays = try self.arrays(of: archive)
    let roles = try ArrayRoles(arrays.readable, options, file: file.path)
    func reader(_ name: String) throws(DatasetError) -> NPYReader {
      let member = archive.members.first { $0.name == "\(name).npy" || $0.name == name }!
      return try NPYReader(try archive.reader(member), scratchBeside: path, limits: limits)
    }
    var understood = Inference()
    understood.warnings = roles.warnings
    if !arrays.unreadable.isEmpty {
      understood.warn(
        .filesLeftOut, "members that are no arrays of numbers or text: \(shortList(arrays.unreadable))")
    }
    understood.arrays = ArrayInference(
      arrays: arrays.readable.map { array in
        ArrayInference.Role(
          name: array.name, role: roles.role(of: array.name), shape: array.header.shape,
          type: array.header.type, fortranOrder: array.header.isFortran)
      })
    let train = Pair(inputs: try reader(roles.inputs), labels: try reader(roles.labels))
    var test: Pair?
    if let names = roles.test {
      test = Pair(inputs: try reader(names.inputs), labels: try reader(names.labels))
    }
    return try decode(train: train, test: test, understood, to: path)
  }

  /// The members whose headers can be read; a file that names few is refused for what is wrong with each.
  private func arrays(
    of archive: ZipArchive
  ) throws(DatasetError) -> (readable: [ArrayRoles.Candidate], unreadable: [String]) {
    var readable: [ArrayRoles.Candidate] = []
    var unreadable: [String] = []
    guard archive.members.count <= 10_000 else {
      throw .limitExceeded(file: archive.file.path, limit: "\(archive.members.count) arrays")
    }
    for member in archive.members {
      let name = member.name.hasSuffix(".npy") ? String(member.name.dropLast(4)) : member.name
      do throws(DatasetError) {
        var reader = try archive.reader(member)
        readable.append(.init(name: name, header: try NPYHeader(&reader, limits: limits)))
      } catch {
        // What nobody asks for may be anything, class names as Python objects for example.
        let isWanted = [options.inputs, options.labels, options.testInputs, options.testLabels].contains(name)
        guard !isWanted, ArrayName.meaning(name) == nil, case .malformed = error else { throw error }
        unreadable.append(name)
      }
    }
    return (readable, unreadable)
  }

  /// Inputs and labels of a split.
  private struct Pair {
    let inputs: NPYReader
    let labels: NPYReader

    /// Samples, by the inputs.
    var count: Int { inputs.header.shape.first ?? 0 }
  }

  private func decode(
    train: Pair, test: Pair?, _ understood: Inference, to path: String
  ) throws(DatasetError) -> Inference {
    var understood = understood
    let shape = try ArrayShape(train.inputs, options.channelOrder)
    let splits = [train] + (test.map { [$0] } ?? [])
    if let test {
      let testShape = try ArrayShape(test.inputs, options.channelOrder ?? shape.channels)
      guard testShape == shape, test.inputs.header.holdsBytes == train.inputs.header.holdsBytes else {
        throw .malformed(
          file: test.inputs.name, place: .wholeFile,
          reason:
            "shape \(test.inputs.header.shape) and type '\(test.inputs.header.type)' where the training split has "
            + "\(train.inputs.header.shape) and '\(train.inputs.header.type)'")
      }
    }
    understood.arrays?.channels = shape.channels?.rawValue
    var isImage = false
    if case .image = shape.sample { isImage = true }
    let element: BlockHeader.Element =
      if isImage, train.inputs.header.holdsBytes {
        .uint8
      } else {
        splits.allSatisfy { $0.inputs.header.fitsSinglePrecision } ? .float32 : .float64
      }
    var labels: [ArrayLabels] = []
    for split in splits {
      labels.append(
        try ArrayLabels(split.labels, count: split.count, of: split.inputs.name, limits: limits))
    }
    let classes = try ArrayClasses(labels, file: train.labels.name, limits: limits)
    understood.warnings += classes.warnings
    if ArrayLabels.isHot(train.labels.header) {
      understood.arrays?.labelForm = "one_hot"
      let missing = train.labels.header.shape[1] - classes.names.count
      if missing > 0 {
        understood.warn(
          .inferred, "\(missing) columns of the one-hot labels never hold a 1 and are no classes")
      }
    }
    let writer = try BlockWriter(
      path: path, element: element, shape: shape.sample, classes: classes.names.count, limits: limits)
    writer.name(classes: classes.names, columns: nil)
    try copy(train.inputs, classes.labels[0], shape, element, to: writer)
    try writer.beginTest()
    if let test { try copy(test.inputs, classes.labels[1], shape, element, to: writer) }
    return try writer.finish(understood)
  }

  private func copy(
    _ reader: NPYReader, _ labels: [Int32], _ shape: ArrayShape, _ element: BlockHeader.Element,
    to writer: BlockWriter
  ) throws(DatasetError) {
    var reader = reader
    let width = reader.width
    let rows = max(1, (1 << 18) / width)
    var done = 0
    while done < labels.count {
      let batch = Array(labels[done..<min(labels.count, done + rows)])
      let count = batch.count * width
      switch element {
      case .uint8: try writer.append(bytes: shape.channelsLast(try reader.bytes(count)), labels: batch)
      case .float32: try writer.append(floats: shape.channelsLast(try reader.floats(count)), labels: batch)
      case .float64: try writer.append(doubles: shape.channelsLast(try reader.doubles(count)), labels: batch)
      }
      done += batch.count
    }
    try reader.finish()
  }

  /// Decodes one two-dimensional array that holds the class in a column.
  func decode(npy bytes: ByteReader, to path: String) throws(DatasetError) -> Inference {
    var reader = try NPYReader(bytes, scratchBeside: path, limits: limits)
    let (shape, header) = (reader.header.shape, reader.header)
    guard shape.count == 2, shape[0] > 0, 2...limits.columns ~= shape[1], header.kind.isNumeric else {
      throw .malformed(
        file: reader.name, place: .wholeFile,
        reason:
          "an array of shape \(shape) and type '\(header.type)'; needed are samples × columns of numbers, one of "
          + "them the class (inputs and labels apart: numpy.savez(file, x=inputs, y=labels), whose format is npz)"
      )
    }
    guard -shape[1]..<shape[1] ~= options.classColumn else {
      throw .invalidOption(
        option: "class_column", value: "\(options.classColumn)", allowed: "\(-shape[1]) to \(shape[1] - 1)")
    }
    let classColumn = (options.classColumn + shape[1]) % shape[1]
    let element: BlockHeader.Element = header.fitsSinglePrecision ? .float32 : .float64
    let writer = try BlockWriter(
      path: path, element: element, shape: .features(shape[1] - 1), classes: 2, limits: limits)
    var codes: [Int: Int32] = [:]
    var values: [Double] = []
    var labels: [Int32] = []
    for row in 0..<shape[0] {
      var rowValues = try reader.doubles(shape[1])
      let value = rowValues.remove(at: classColumn)
      guard let label = Int(exactly: value) else {
        throw .malformed(
          file: reader.name, place: .row(row),
          reason:
            "\(value) in the class column \(classColumn) is no integer that can be a class: choose the column with "
            + "class_column, or bin it first")
      }
      let code = codes[label] ?? Int32(codes.count)
      codes[label] = code
      guard codes.count <= limits.classes else {
        throw .limitExceeded(file: reader.name, limit: "more than \(limits.classes) classes")
      }
      values += rowValues
      labels.append(code)
      guard values.count >= 1 << 18 || row == shape[0] - 1 else { continue }
      switch element {
      case .float64: try writer.append(doubles: values, labels: labels)
      default: try writer.append(floats: values.map { Float($0) }, labels: labels)
      }
      values.removeAll(keepingCapacity: true)
      labels.removeAll(keepingCapacity: true)
    }
    try reader.finish()
    guard codes.count > 1 else {
      throw .malformed(
        file: reader.name, place: .wholeFile, reason: "a single class in column \(classColumn) (class_column)"
      )
    }
    var understood = Inference()
    understood.arrays = ArrayInference(arrays: [
      ArrayInference.Role(
        name: "", role: "inputs_and_labels", shape: shape, type: header.type, fortranOrder: header.isFortran)
    ])
    if codes.count > max(20, shape[0] / 4) {
      understood.warn(
        .inferred,
        "column \(classColumn) has \(codes.count) classes among \(shape[0]) samples: is it the class (class_column)?"
      )
    }
    // The classes in order of their values, whichever came first.
    let sorted = codes.keys.sorted()
    writer.set(classes: sorted.count)
    writer.name(classes: sorted.map { String($0) }, columns: nil)
    let ranks = Dictionary(uniqueKeysWithValues: zip(sorted, (0 as Int32)...))
    var mapping = [Int32](repeating: 0, count: sorted.count)
    for (value, code) in codes { mapping[Int(code)] = ranks[value]! }
    writer.relabel(mapping)
    return try writer.finish(understood)
  }
}
