import Training

/// What the failed probes of a measurement show together: how many of them carry each code, and in one sentence what keeps
/// the EMC from being larger and what to try.
package struct DiagnosisSummary: Sendable, Hashable {
  /// A code and the failed probes that carry it.
  package struct Count: Sendable, Hashable {
    package let code: DiagnosisCode
    package let probes: Int
  }

  /// Failed probes.
  package let failures: Int
  /// The codes that any of them carries: the most frequent first, of equals the graver.
  package let counts: [Count]
  /// What keeps the EMC from being larger and what to try; nil without a failure.
  package let sentence: String?
  /// Whether what the sentence has to try is more steps.
  let asksForSteps: Bool
  /// Whether the sentence says that there is nothing better than the minima that were found.
  let blamesMinima: Bool

  /// Sums up runs; those that fit are passed over, in whatever order they come.
  ///
  /// - Parameters:
  ///   - count: how many failures there are, where these are only those that decide.
  ///   - remedies: what there is to try that isn't in use.
  package init(_ runs: [TrainingRun], of count: Int? = nil, remedies: Remedies = Remedies()) {
    let failed = runs.filter { $0.fitSteps == nil }
    let codes = failed.map { Set($0.diagnosis) }
    failures = failed.count
    let gravity = DiagnosisCode.allCases
    counts = gravity.enumerated()
      .map { (rank: $0, count: Count(code: $1, probes: codes.count { [code = $1] in $0.contains(code) })) }
      .filter { $0.count.probes > 0 }
      .sorted { ($1.count.probes, $0.rank) < ($0.count.probes, $1.rank) }
      .map(\.count)
    let minima = failed.count { $0.outcome == .minimum }
    (sentence, asksForSteps, blamesMinima) = Self.sentence(
      failures: failed.count, of: count ?? failed.count, minima: minima, counts: counts, remedies)
  }

  /// `[{"code": "loss_still_falling", "probes": 3}]`
  package var json: JSONValue {
    .array(counts.map { .object(["code": .string($0.code.rawValue), "probes": .integer($0.probes)]) })
  }

  /// The gravest of the codes that at least half of the failures carry decides; else the most frequent one.
  private static func sentence(
    failures: Int, of count: Int, minima: Int, counts: [Count], _ remedies: Remedies
  ) -> (String?, asksForSteps: Bool, blamesMinima: Bool) {
    guard failures > 0 else { return (nil, false, false) }
    func named(_ number: Int) -> String {
      let ending = number == 1 ? "" : "s"
      return failures < count
        ? "failure\(ending) that decide\(number == 1 ? "s" : "")" : "failed run\(ending)"
    }
    let frequent = counts.filter { 2 * $0.probes >= failures }
    let gravest = DiagnosisCode.allCases.lazy.compactMap { code in frequent.first { $0.code == code } }.first
    // Units die in most networks; it explains a failure only where nothing else does.
    let main = gravest?.code == .deadUnits ? frequent.first { $0.code != .deadUnits } ?? gravest : gravest
    // A loss that has come to rest is at a minimum what is to be expected.
    let explainsMost = 2 * minima >= failures && main?.code == .lossFlat
    if minima == failures && main?.code != .conflictingDuplicates || explainsMost {
      let every = "\(failures < count ? "Every failure that decides" : "Every failed run") (\(failures))"
      return (
        "\(minima == failures ? every : "\(minima) of \(failures) \(named(failures))") ended at a verified minimum of the loss: "
          + (remedies.isConvex
            ? "that of a linear model is the best there is, whatever the optimizer; try a network with hidden layers."
            : "the procedure finds no better point from its starts; try a wider network, or another optimizer\(remedies.rate ? " or rate" : "")."),
        false, true
      )
    }
    guard let main = main ?? counts.first else {
      return (
        "Nothing in the \(failures) \(named(failures)) tells what keeps the EMC from being larger; more steps "
          + "(training.max_steps) would tell whether the budget does.", true, false
      )
    }
    let share = main.probes == failures && failures > 1 ? "All \(failures)" : "\(main.probes) of \(failures)"
    return (
      "\(share) \(named(failures)) \(main.code.explanation(remedies)).",
      [.lossStillFalling, .fewSamplesLeft].contains(main.code), false
    )
  }
}

/// What a procedure may have in place of what it has: what is in use already is no advice.
package struct Remedies: Sendable, Hashable {
  /// `search.budget` of the kind settle.
  package var settling = true
  /// `training.finish`.
  package var finish = true
  /// Another learning rate, where none was chosen by a race.
  package var rate = true

  /// Whether any other procedure ends at the same minimum.
  package var isConvex = false

  /// All of them.
  package init() {}

  /// Those that a search and its procedure leave.
  init(_ search: Search) {
    if case .settle = search.settings.budget { settling = false }
    finish = !search.procedure.hasFinish
    isConvex = search.procedure.isConvex
    rate = search.procedure.usesLearningRate && !search.procedure.rateIsRaced
  }
}

extension DiagnosisCode {
  /// What the runs did, and what to try.
  fileprivate func explanation(_ remedies: Remedies) -> String {
    switch self {
    case .conflictingDuplicates:
      "drew identical inputs with different labels, which no network can fit; remove the duplicates from the data, or allow "
        + "for them with search.fit.training_error"
    case .atChance:
      "ended no better than guessing: training collapsed or never began; try another "
        + "\(remedies.rate ? "learning rate, " : "")initialization or activation"
    case .rateTooHigh:
      "took steps too long to descend by: "
        + (remedies.rate
          ? "the learning rate is too high for this network; try a third of it, or a schedule that lowers it"
          : "no rate that was raced did better; try a schedule that lowers it")
    case .deadUnits:
      "have units that are zero on every sample and learn nothing any more; try \(remedies.rate ? "a lower learning rate, or " : "")"
        + "an activation that isn't flat, such as gelu or leaky_relu"
    case .saturatedUnits:
      "have units driven to where their activation is flat; try \(remedies.rate ? "a lower learning rate, " : "")weight decay, or "
        + "relu or gelu"
    case .lossRising:
      "ended with a loss that was rising; try \(remedies.rate ? "a lower learning rate, or a schedule that lowers it" : "another optimizer")"
    case .lossStillFalling:
      "still got better when the steps were spent: the budget decides, not the capacity; try more steps "
        + (remedies.settling
          ? "(training.max_steps, or search.budget of the kind settle)"
          : "(search.budget.max_steps, and search.max_probes for them)")
    case .lossFlat:
      "had a loss that didn't change any more; try "
        + (remedies.finish
          ? "search.verification or training.finish, which tell" : "search.verification, which tells")
        + " whether more can be fitted from there"
    case .fewSamplesLeft:
      "left only few samples unfit; try "
        + [
          "more steps", remedies.rate ? "a schedule that lowers the rate" : nil,
          remedies.finish ? "training.finish" : nil,
        ].compactMap(\.self).joined(separator: ", or ")
    }
  }
}
