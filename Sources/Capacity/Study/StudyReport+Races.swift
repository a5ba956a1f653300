extension StudyReport {
  /// Of more candidates than these nobody reads a table.
  private static let shownCandidates = 200

  /// What each cell's race tells of its candidates, the best of each cell first: what was compared is the winner alone, and what it
  /// was better than is a finding too. Nothing where no cell was tuned.
  static func races(_ cells: [JSONValue]) -> [String] {
    let rows = cells.flatMap { cell -> [[String]] in
      guard let tuning = cell["result"]?["tuning"], let candidates = tuning["candidates"]?.arrayValue,
        candidates.count > 1
      else { return [] }
      let winner = tuning["winner"]?["values"]
      return candidates.sorted { rank($0, winner) > rank($1, winner) }.map { candidate in
        [
          cell["label"]?.stringValue ?? "", values(candidate["values"]), number(candidate["emc"]),
          interval(candidate["interval"]), number(candidate["probes"]),
          candidate["values"] == winner
            ? (tuning["finished"] == .bool(true) ? "won" : "led")
            : candidate["dropped_after"]?.integerValue.map { "dropped after \($0) runs" } ?? "",
        ]
      }
    }
    guard !rows.isEmpty else { return [] }
    let left = rows.count - shownCandidates
    return [
      "## Races",
      "What the races' own runs tell of each candidate; few runs tell little of those that were dropped early. A winner was measured anew; where a race was not over by "
        + "its end one candidate led.",
      table(["cell", "candidate", "EMC", "interval", "runs", ""], Array(rows.prefix(shownCandidates))),
    ] + (left > 0 ? ["\(Summary.count(left)) more are in study.json."] : [])
  }

  /// The winner comes first, then the largest EMC.
  private static func rank(_ candidate: JSONValue, _ winner: JSONValue?) -> Int {
    candidate["values"] == winner ? .max : candidate["emc"]?.integerValue ?? -1
  }
}
