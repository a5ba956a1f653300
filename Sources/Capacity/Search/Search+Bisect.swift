extension Search {
  /// Doubles from `initialSamples` until a size fails, the last doubling clamped to the largest size; then
  /// takes the midpoint ⌊(lo + hi)/2⌋ until hi − lo ≤ max(1, relativeTolerance · lo).
  ///
  /// It assumes that the fit probability falls with the size. If `initialSamples` itself fails, lo is 0.
  func bisect(_ history: SearchHistory) -> SearchDecision {
    var lo = 0
    var hi = min(settings.initialSamples, sampleLimit)
    while true {
      guard let fits = verdict(hi, history) else { return round(hi, history) }
      if !fits { break }
      lo = hi
      if lo == sampleLimit { return .estimate(Estimate(allFitUpTo: limits)) }
      hi = lo <= sampleLimit / 2 ? 2 * lo : sampleLimit
    }
    while Double(hi - lo) > max(1, settings.relativeTolerance * Double(lo)) {
      let middle = (lo + hi) / 2
      guard let fits = verdict(middle, history) else { return round(middle, history) }
      if fits { lo = middle } else { hi = middle }
    }
    let failures = (0..<settings.replicates).compactMap { replicate in
      history[ProbeAddress(samples: hi, replicate: replicate)].flatMap { $0 == .fit ? nil : $0 }
    }
    return .estimate(Estimate(fit: lo, unfit: hi, failures: failures))
  }
}
