/// How the folders of images are read: which are splits, which are classes, and which images that leaves.
///
/// `split/class/…/file`, `class/…/file` and `class/split/…/file`, below any number of folders that hold all of it. A
/// class is one folder below its split; what lies deeper belongs to it. In `split/images/file`, as Tiny ImageNet has
/// its validation split, `split/val_annotations.txt` names the classes.
struct ImageLayout {
  private(set) var train: [ImageCollection.Entry] = []
  private(set) var test: [ImageCollection.Entry] = []
  private(set) var inference: ImageInference
  private(set) var warnings: [DatasetWarning] = []

  /// An image with its folders, those around all images left out.
  private struct Placed {
    let item: ImageFiles.Item
    let folders: [String]

    func entry(of className: String) -> ImageCollection.Entry {
      ImageCollection.Entry(name: item.path, className: className, source: item.source)
    }
  }

  /// Where the split and the class stand among the folders.
  private enum Form: Equatable {
    case splitThenClass, classThenSplit, classAlone

    var text: String {
      switch self {
      case .splitThenClass: "split/class/file"
      case .classThenSplit: "class/split/file"
      case .classAlone: "class/file"
      }
    }
  }

  /// Throws `malformed` where the folders allow no reading or more than one.
  ///
  /// - Parameter source: the folder or archive, in messages.
  init(_ files: ImageFiles, source: String, limits: DatasetLimits) throws(DatasetError) {
    var placed = files.images.map { Placed(item: $0, folders: Self.folders($0.path)) }
    let wrapper = Self.wrapper(placed.map(\.folders))
    placed = placed.map { Placed(item: $0.item, folders: Array($0.folders.dropFirst(wrapper.count))) }
    let form = try Self.form(placed.map(\.folders), files, source)
    inference = ImageInference(
      container: files.container, layout: (wrapper + [form.text]).joined(separator: "/"), splits: [],
      kinds: [],
      leftOut: files.leftOutCounts)
    switch form {
    case .classAlone:
      let entries = placed.compactMap { image in image.folders.first.map { image.entry(of: $0) } }
      leaveOut("without class", placed.count - entries.count)
      train = entries
      inference.splits = [.init(name: "", role: "training", images: entries.count)]
    case .splitThenClass:
      try readSplits(placed, files, wrapper, source, limits) { ($0.first, $0.dropFirst().first) }
    case .classThenSplit:
      try readSplits(placed, files, wrapper, source, limits) { ($0.dropFirst().first, $0.first) }
    }
    if !wrapper.isEmpty {
      warnings.append(
        DatasetWarning(
          kind: .inferred,
          detail: "everything lies in \(wrapper.joined(separator: "/")), which is taken for no class"))
    }
    warnOfLostClasses(files, wrapper, form)
    warnOfSharedFolders(placed.map(\.folders), form)
    let left = inference.leftOut.filter { $0.kind != "hidden" }
    if !left.isEmpty {
      warnings.append(
        DatasetWarning(
          kind: .filesLeftOut,
          detail: "left out: " + shortList(left.map { "\($0.files) \($0.kind)" })
            + "; read are \(ImageKind.endings)"))
    }
  }

  private static func folders(_ path: String) -> [String] {
    path.split(separator: "/").dropLast().map(String.init)
  }

  /// The folders around all images, as archives of one folder have them; those of splits aren't such.
  private static func wrapper(_ images: [[String]]) -> [String] {
    var wrapper: [String] = []
    while true {
      // Images that lie in no folder of their own have no class anyway.
      let inner = images.filter { $0.count > wrapper.count }
      guard let first = inner.first?[wrapper.count], SplitName.role(first) == nil,
        inner.allSatisfy({ $0[wrapper.count] == first }),
        inner.contains(where: { $0.count >= wrapper.count + 2 })
      else { return wrapper }
      wrapper.append(first)
    }
  }

  private static func form(
    _ images: [[String]], _ files: ImageFiles, _ source: String
  ) throws(DatasetError) -> Form {
    func refuse(_ reason: String) -> DatasetError {
      .malformed(file: source, place: .wholeFile, reason: reason)
    }
    guard images.contains(where: { !$0.isEmpty }) else {
      throw refuse(
        images.isEmpty
          ? "no images (\(ImageKind.endings)) in the form <split>/<class>/<file> or <class>/<file>"
            + (files.leftOut.isEmpty
              ? "" : "; there are " + shortList(files.leftOutCounts.map { "\($0.files) \($0.kind)" }))
          : "\(images.count) images, none of them in a folder: the layout needs a folder for each class")
    }
    let first = Set(images.compactMap(\.first))
    let second = Set(images.compactMap { $0.dropFirst().first })
    // A folder named like a split that holds images itself may be a class.
    let splits = first.filter { name in
      SplitName.role(name) != nil && images.contains { $0.first == name && $0.count >= 2 }
    }
    if !splits.isEmpty {
      let roles = Set(splits.compactMap(SplitName.role))
      let classes = first.filter { SplitName.role($0) == nil }
      guard classes.isEmpty || roles.count > 1 else {
        throw refuse(
          "the layout allows two readings: \(splits.sorted().joined(separator: ", ")) as a split beside "
            + "\(shortList(classes.sorted(), upTo: 3)), or all of them as classes; put the classes into a folder train, or "
            + "rename the class")
      }
      return .splitThenClass
    }
    let isSplit = second.filter { SplitName.role($0) != nil }
    guard !isSplit.isEmpty else {
      // Splits whose images no folder puts into classes, or whose names aren't the usual ones.
      if first.count > 1, first.allSatisfy(SplitName.isLikely) {
        throw refuse(
          "\(shortList(first.sorted(), upTo: 5)) would be classes, and look like splits: use <split>/<class>/<file> with "
            + "splits named train and test, or rename the classes")
      }
      return .classAlone
    }
    guard images.allSatisfy({ $0.count >= 2 && SplitName.role($0[1]) != nil }) else {
      throw refuse(
        "the layout allows two readings: some classes hold folders named \(isSplit.sorted().joined(separator: ", ")) and "
          + "some images lie beside such folders; use <split>/<class>/<file>")
    }
    return .classThenSplit
  }

  private mutating func leaveOut(_ kind: String, _ count: Int) {
    if count > 0 { inference.leftOut.append(.init(kind: kind, files: count)) }
  }

  /// Sorts the images into splits, of which two are kept.
  private mutating func readSplits(
    _ placed: [Placed], _ files: ImageFiles, _ wrapper: [String], _ source: String, _ limits: DatasetLimits,
    _ place: ([String]) -> (split: String?, class: String?)
  ) throws(DatasetError) {
    var images: [String: [Placed]] = [:]
    var beside = 0
    for image in placed {
      if let split = place(image.folders).split, SplitName.role(split) != nil {
        images[split, default: []].append(image)
      } else {
        beside += 1
      }
    }
    leaveOut("outside the splits", beside)
    func names(_ role: SplitName.Role) throws(DatasetError) -> [String] {
      let names = images.keys.filter { SplitName.role($0) == role }.sorted()
      guard role == .validation || names.count <= 1 else {
        throw .malformed(
          file: source, place: .wholeFile,
          reason:
            "\(names.joined(separator: " and ")) may each be the \(role == .test ? "test" : "training") split: keep one"
        )
      }
      return names.sorted {
        (SplitName.validation.firstIndex(of: $0.lowercased()) ?? 0, $0)
          < (SplitName.validation.firstIndex(of: $1.lowercased()) ?? 0, $1)
      }
    }
    guard let training = try names(.training).first else {
      throw .malformed(
        file: source, place: .wholeFile,
        reason:
          "no training split beside \(images.keys.sorted().joined(separator: ", ")): name its folder train")
    }
    train = classified(images[training] ?? [], place)
    let classes = Set(train.map(\.className))
    func read(_ split: String) throws(DatasetError) -> [ImageCollection.Entry] {
      let all = images[split] ?? []
      let folders = Set(all.compactMap { place($0.folders).class })
      guard folders == ["images"], !classes.contains("images") else { return classified(all, place) }
      return try annotated(all, split, files, wrapper, limits)
    }
    var tested = try names(.test).first
    test = try tested.map { name throws(DatasetError) in try read(name) } ?? []
    var roles = [training: "training"]
    if let tested, !test.isEmpty { roles[tested] = "test" }
    if test.isEmpty {
      tested = nil
      for name in try names(.validation) where tested == nil {
        test = try read(name)
        if !test.isEmpty {
          tested = name
          roles[name] = "test"
          warnings.append(
            DatasetWarning(
              kind: .splitReplaced,
              detail: "\(name) is taken as the test split, since there is no test split with classes"))
        }
      }
    }
    for (name, all) in images.sorted(by: { $0.key < $1.key }) {
      let role = roles[name] ?? "left_out"
      let kept = role == "training" ? train.count : role == "test" ? test.count : 0
      inference.splits.append(.init(name: name, role: role, images: role == "left_out" ? all.count : kept))
      guard role == "left_out" else {
        leaveOut("in \(name) without class", all.count - kept)
        continue
      }
      leaveOut(
        SplitName.role(name) == .test
          ? "in \(name), whose images have no classes"
          : "in \(name), which is neither the training nor the test split", all.count)
    }
  }

  private func classified(
    _ images: [Placed], _ place: ([String]) -> (split: String?, class: String?)
  ) -> [ImageCollection.Entry] {
    images.compactMap { image in place(image.folders).class.map { image.entry(of: $0) } }
  }

  /// Images whose classes a file beside their folder names: file, tab, class on each line. None where there is no such
  /// file: a test split without labels.
  private func annotated(
    _ images: [Placed], _ split: String, _ files: ImageFiles, _ wrapper: [String], _ limits: DatasetLimits
  ) throws(DatasetError) -> [ImageCollection.Entry] {
    let name = (wrapper + [split, "\(split)_annotations.txt"]).joined(separator: "/")
    guard let file = files.others.first(where: { $0.path == name }) else { return [] }
    let text = try file.source.bytes(name, limit: limits.rowBytes)
    var classes: [String: String] = [:]
    for line in String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline) {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      if fields.count >= 2 { classes[String(fields[0])] = String(fields[1]) }
    }
    var entries: [ImageCollection.Entry] = []
    for image in images {
      let file = String(image.item.path.split(separator: "/").last!)
      guard let label = classes[file], !label.isEmpty else {
        throw .malformed(file: name, place: .wholeFile, reason: "no class for \(file)")
      }
      entries.append(image.entry(of: label))
    }
    return entries
  }

  /// Tells of folders that all classes have: what lies deeper than a class's folder belongs to it, whether or not these
  /// are the classes, or hold something else.
  private mutating func warnOfSharedFolders(_ images: [[String]], _ form: Form) {
    let depth = form == .classAlone ? 0 : 1
    var inner: [String: Set<String>] = [:]
    for folders in images where folders.count > depth {
      inner[folders[depth], default: []].formUnion(folders.dropFirst(depth + 1).prefix(1))
    }
    guard form != .classThenSplit, inner.count > 1, let shared = inner.values.first, shared.count > 1,
      inner.values.allSatisfy({ $0 == shared })
    else { return }
    warnings.append(
      DatasetWarning(
        kind: .inferred,
        detail:
          "every class (\(shortList(inner.keys.sorted(), upTo: 3))) holds the folders \(shortList(shared.sorted(), upTo: 5)), "
          + "which are taken for parts of it: where they are the classes, put them in the classes' place; where one holds "
          + "something else than samples, leave it out"))
  }

  /// Tells of folders in the place of classes that hold files, none of which is read.
  private mutating func warnOfLostClasses(_ files: ImageFiles, _ wrapper: [String], _ form: Form) {
    let kept = Set((train + test).map(\.className))
    var lost: [String: [String: Int]] = [:]
    for file in files.others {
      let folders = Self.folders(file.path)
      guard folders.starts(with: wrapper) else { continue }
      let below = folders.dropFirst(wrapper.count)
      let label: String? =
        switch form {
        case .classAlone, .classThenSplit: below.first
        case .splitThenClass: below.first.flatMap(SplitName.role) == nil ? nil : below.dropFirst().first
        }
      guard let label, !kept.contains(label) else { continue }
      let ending = ImageFiles.ending(file.path)
      lost[label, default: [:]][ending.isEmpty ? "without ending" : ".\(ending)", default: 0] += 1
    }
    for (label, counts) in lost.sorted(by: { $0.key < $1.key }).prefix(20) {
      let kinds = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      warnings.append(
        DatasetWarning(
          kind: .filesLeftOut,
          detail:
            "no file in the folder \(label) is an image that is read (\(shortList(kinds))): it is no class"))
    }
  }
}
