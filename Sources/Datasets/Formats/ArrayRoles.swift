/// What an array's name says of it: inputs or labels, and of which split.
enum ArrayName {
  enum Role: String { case inputs, labels }
  enum Split: String { case none, train, validation, test }

  private static let inputs: Set = [
    "x", "input", "inputs", "data", "image", "images", "img", "imgs", "feature", "features", "pixels",
  ]
  private static let labels: Set = [
    "y", "label", "labels", "target", "targets", "class", "classes",
  ]
  /// Longest first, since one may begin with another.
  private static let splits: [(String, Split)] = [
    ("validation", .validation), ("training", .train), ("testing", .test), ("valid", .validation),
    ("train", .train), ("test", .test), ("eval", .validation), ("val", .validation), ("dev", .validation),
  ]

  /// Nil for a name that is neither. A split stands before or behind: `x_train`, `trainX`, `test_labels`.
  static func meaning(_ name: String) -> (role: Role, split: Split)? {
    let name = name.lowercased().filter { $0.isLetter || $0.isNumber }
    func role(_ name: Substring) -> Role? {
      let name = String(name)
      return inputs.contains(name) ? .inputs : labels.contains(name) ? .labels : nil
    }
    if let role = role(name[...]) { return (role, .none) }
    for (word, split) in splits {
      if name.hasPrefix(word), let role = role(name.dropFirst(word.count)) { return (role, split) }
      if name.hasSuffix(word), let role = role(name.dropLast(word.count)) { return (role, split) }
    }
    return nil
  }
}

/// Which arrays of an `.npz` are the inputs and labels of which split.
struct ArrayRoles {
  /// An array's name, without `.npy`, and its header.
  struct Candidate {
    let name: String
    let header: NPYHeader
  }

  var inputs: String
  var labels: String
  /// Inputs and labels of the test split.
  var test: (inputs: String, labels: String)?
  var warnings: [DatasetWarning] = []

  /// - Parameter candidates: the arrays that can be read, at most a few.
  init(_ candidates: [Candidate], _ options: ArrayOptions, file: String) throws(DatasetError) {
    let finder = Finder(candidates: candidates, file: file)
    for (option, name) in [
      ("inputs", options.inputs), ("labels", options.labels), ("test_inputs", options.testInputs),
      ("test_labels", options.testLabels),
    ] {
      guard let name, !candidates.contains(where: { $0.name == name }) else { continue }
      throw .invalidOption(option: option, value: name, allowed: "one of \(finder.listing)")
    }
    guard (options.testInputs == nil) == (options.testLabels == nil) else {
      throw .invalidOption(
        option: options.testInputs == nil ? "test_inputs" : "test_labels", value: "not given",
        allowed: "an array: the test split needs inputs and labels")
    }
    let train = try finder.pair(
      [.train, .none], given: (options.inputs, options.labels), options: ("inputs", "labels"))
    let pair = if let train { train } else { try finder.pairByShape() }
    (inputs, labels) = pair
    if let testInputs = options.testInputs, let testLabels = options.testLabels {
      test = (testInputs, testLabels)
    } else if let found = try finder.pair([.test], given: (nil, nil), options: ("test_inputs", "test_labels"))
    {
      test = found
    } else if let found = try finder.pair(
      [.validation], given: (nil, nil), options: ("test_inputs", "test_labels"))
    {
      test = found
      warnings.append(
        DatasetWarning(
          kind: .splitReplaced,
          detail:
            "\(found.inputs) and \(found.labels) are taken as the test split, since no arrays are named so"))
    }
    let unused = candidates.map(\.name).filter { ![inputs, labels, test?.inputs, test?.labels].contains($0) }
    if !unused.isEmpty {
      warnings.append(
        DatasetWarning(kind: .filesLeftOut, detail: "arrays that are not used: \(shortList(unused))"))
    }
  }

  /// The role of an array by its name.
  func role(of name: String) -> String {
    switch name {
    case inputs: "inputs"
    case labels: "labels"
    case test?.inputs: "test_inputs"
    case test?.labels: "test_labels"
    default: "unused"
    }
  }
}

private struct Finder {
  let candidates: [ArrayRoles.Candidate]
  let file: String

  var listing: String {
    shortList(candidates.map { "\($0.name) \($0.header.shape)" })
  }

  private func refuse(_ reason: String) -> DatasetError {
    .malformed(file: file, place: .wholeFile, reason: reason)
  }

  /// Inputs and labels of one split by their names; nil where neither is there.
  func pair(
    _ splits: [ArrayName.Split], given: (String?, String?), options: (String, String)
  ) throws(DatasetError) -> (inputs: String, labels: String)? {
    func named(_ role: ArrayName.Role, _ option: String) throws(DatasetError) -> String? {
      let found = candidates.map(\.name).filter { name in
        ArrayName.meaning(name).map { $0.role == role && splits.contains($0.split) } ?? false
      }
      guard found.count <= 1 else {
        throw refuse(
          "\(found.joined(separator: " and ")) may each be the \(option): name one with the option \(option)")
      }
      return found.first
    }
    var inputs = given.0
    var labels = given.1
    if inputs == nil { inputs = try named(.inputs, options.0) }
    if labels == nil { labels = try named(.labels, options.1) }
    switch (inputs, labels) {
    case (let inputs?, let labels?):
      guard inputs != labels else {
        throw refuse("\(inputs) can't be both \(options.0) and \(options.1)")
      }
      return (inputs, labels)
    case (nil, nil): return nil
    case (let inputs?, nil):
      throw refuse("no labels to \(inputs) among \(listing): name them with the option \(options.1)")
    case (nil, let labels?):
      throw refuse("no inputs to \(labels) among \(listing): name them with the option \(options.0)")
    }
  }

  /// Of two arrays with names that say nothing, the one with a number for each row of the other is the labels'.
  func pairByShape() throws(DatasetError) -> (inputs: String, labels: String) {
    func isLabels(_ labels: ArrayRoles.Candidate, of inputs: ArrayRoles.Candidate) -> Bool {
      let (labels, inputs) = (labels.header, inputs.header)
      return labels.shape.count == 1 && inputs.shape.count >= 2 && inputs.kind.isNumeric
        && labels.shape[0] == inputs.shape[0]
    }
    if candidates.count == 2 {
      for (labels, inputs) in [(candidates[1], candidates[0]), (candidates[0], candidates[1])]
      where isLabels(labels, of: inputs) {
        return (inputs.name, labels.name)
      }
    }
    throw refuse(
      "which arrays are inputs and labels can't be told from \(listing): name them with the options inputs and "
        + "labels (test_inputs and test_labels for the test split)")
  }
}
