import Training

/// The candidates that a document asks for, each with the experiment that it makes: those that are alike are one, and one that
/// leaves its learning rate to `"auto"` is one for each of that's rates.
struct TuningExpansion {
  /// As a recorded document has them: what turns the filled-in document into each.
  private(set) var candidates: [(recorded: TuningCandidate, experiment: Experiment)] = []
  /// How many were asked for, with the rates of `"auto"`; of more than a race may have the rest is left out.
  private(set) var count: Int

  /// The rates of `"auto"`.
  static let rates: [Double] = (0...10).map { index in
    let decades = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10][index / 2]
    return index % 2 == 0 ? decades : decades * 3.162_277_660_168_379_4
  }
  private static let rate = JSONPointer(tokens: ["training", "optimizer", "learning_rate"])

  /// - Parameters:
  ///   - requested: what `search.tune` asks for.
  ///   - document: that which it is part of.
  ///   - base: the experiment that the document makes by itself.
  ///   - read: the experiment of a candidate's document, of which there is none where its places lead nowhere; nil where it
  ///     makes none.
  init(
    _ requested: [TuningCandidate], of document: JSONValue, base: Experiment,
    read: (TuningCandidate, JSONValue?) -> Experiment?
  ) {
    let isAutomatic = base.training.learningRate == .automatic
    var queue = requested.isEmpty && isAutomatic ? [TuningCandidate(values: [:])] : requested
    count = queue.count
    let filled = base.json
    while !queue.isEmpty {
      let request = queue.removeFirst()
      guard let experiment = read(request, request.applied(to: document, filled: filled)) else { continue }
      if experiment.training.learningRate == .automatic {
        count += Self.rates.count - 1
        guard count <= TuningCandidate.limit else { continue }
        queue =
          Self.rates.map { rate in
            TuningCandidate(values: request.values.merging([Self.rate: .number(rate)]) { $1 })
          } + queue
        continue
      }
      guard !candidates.contains(where: { $0.experiment == experiment }) else { continue }
      candidates.append((request.filled(from: filled, to: experiment.json), experiment))
    }
  }
}
