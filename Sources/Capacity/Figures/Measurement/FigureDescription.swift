import Foundation
import Training

/// A measurement in words: the lines above its picture, and the text for who doesn't see it.
struct FigureDescription {
  let title: String
  let lines: [String]
  let text: String

  init(_ reading: MeasurementReading) {
    title = reading.name ?? "Effective Model Complexity"
    let result = Self.result(reading)
    let procedure = reading.specification.map { Self.procedure($0, guardSteps: reading.guardSteps) }
    lines = [result] + [procedure].compactMap(\.self)
    let counts = Outcome.allCases.compactMap { outcome in
      let count = reading.probes.count { $0.outcome == outcome }
      return count > 0 ? "\(Summary.count(count)) \(outcome.legend)" : nil
    }
    text =
      ([
        "Upper panel: fit probability over training samples, with \(Summary.count(reading.probes.count)) probe\(reading.probes.count == 1 ? "" : "s")"
          + (counts.isEmpty ? "." : " (\(counts.joined(separator: ", "))).")
      ]
      + [
        result + ".",
        reading.shownBudgets.isEmpty ? nil : "Lower panel: EMC over the steps that a probe may take.",
        reading.summary,
      ].compactMap(\.self)).joined(separator: " ")
  }

  /// EMC 1,216 (90 %: 1,150 to 1,290) · 0.096 a parameter (12,730 parameters) · bounded by budget
  private static func result(_ reading: MeasurementReading) -> String {
    guard !reading.probes.isEmpty else { return "No probe has ended yet" }
    var parts = [reading.emc.map { "EMC \(Summary.count($0))" } ?? "No EMC is claimed"]
    if reading.emc != nil { parts[0] += " (\(interval(reading.interval)))" }
    if let parameters = reading.parameterCount {
      let all = "\(Summary.count(parameters)) parameter\(parameters == 1 ? "" : "s")"
      parts.append(
        reading.emcPerParameter.map { "\(short($0)) a parameter (\(all))" } ?? all)
    }
    if let bound = reading.boundedBy { parts.append("bounded by \(bound.replacing("_", with: " "))") }
    if !reading.isComplete {
      parts.append(reading.isInterrupted ? "interrupted" : "so far: the job is \(reading.state ?? "running")")
    }
    return parts.joined(separator: "  ·  ")
  }

  /// 90 %: 1,150 to 1,290
  static func interval(_ interval: MeasurementReading.Interval) -> String {
    let level = "\(short(100 * interval.level)) %"
    return
      switch (interval.lower.map { Summary.count(Int($0)) }, interval.upper.map { Summary.count(Int($0)) })
    {
    case (let lower?, let upper?): "\(level): \(lower) to \(upper)"
    case (let lower?, nil): "\(level): \(lower) or more"
    case (nil, let upper?): "\(level): \(upper) or fewer"
    case (nil, nil): "\(level): not bounded"
    }
  }

  /// A part as a percentage of two digits, without its sign.
  static func percent(_ value: Double) -> String {
    let percent = 100 * value
    return String(format: abs(percent) < 10 ? "%.2g" : "%.0f", percent)
  }

  static func short(_ value: Double) -> String { String(format: "%.3g", value) }

  /// mnist, random labels, mlp [16], sgd 0.02, 8,000 steps
  ///
  /// - Parameter guardSteps: what probes were given in the end, which a budget that settles makes longer than what they begin with.
  private static func procedure(_ specification: JSONValue, guardSteps: Int?) -> String {
    let training = specification["training"]
    let optimizer = training?["optimizer"]
    let rate = optimizer?["learning_rate"].map { " \($0.stringValue ?? $0.text())" } ?? ""
    let labels = specification["labels"]?["kind"]?.stringValue
    let inputs = specification["inputs"]?["kind"]?.stringValue
    let hidden = specification["model"]?["hidden"].flatMap { hidden in
      hidden.arrayValue.map { "[\($0.map { $0.text() }.joined(separator: ", "))]" }
    }
    let steps = [training?["max_steps"]?.integerValue, guardSteps].compactMap(\.self).max()
      .map { "\(Summary.count($0)) steps" }
    let parts: [String?] = [
      specification["dataset"]?["name"]?.stringValue, labels.map { "\($0) labels" },
      inputs == nil || inputs == "original" ? nil : "\(inputs ?? "") inputs",
      specification["model"]?["kind"]?.stringValue.map {
        [$0, hidden].compactMap(\.self).joined(separator: " ")
      },
      optimizer?["kind"]?.stringValue.map { $0 + rate }, steps,
    ]
    return parts.compactMap(\.self).joined(separator: "  ·  ")
  }
}
