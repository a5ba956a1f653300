/// A step length α with φ(α) ≤ φ(0) + μ α φ'(0) and |φ'(α)| ≤ η |φ'(0)|, the strong Wolfe conditions.
/// Moré and Thuente 1994, as MINPACK-2's `dcsrch` has it: the caller evaluates φ and asks for the next length.
struct LineSearch: Sendable {
  /// What the search asks for.
  enum Verdict: Equatable {
    /// Evaluate φ at this length.
    case evaluate(Double)
    /// The length evaluated last satisfies both conditions.
    case found
    /// No further progress is possible at this precision.
    case failed
  }

  private let sufficientDecrease = 1e-4
  private let curvature = 0.9
  private let relativeWidth = 1e-12
  private let largest = 1e10

  private let initial: SearchPoint
  private let noise: Double
  private var best: SearchPoint
  private var other: SearchPoint
  private var step: Double
  private var isBracketed = false
  private var isFirstStage = true
  private var width: Double
  private var previousWidth: Double
  private var lower = 0.0
  private var upper: Double

  /// A search from φ(0) = `value`, φ'(0) = `slope` < 0, whose first length is `step`. Differences of φ below
  /// `noise` are rounding.
  init(value: Double, slope: Double, step: Double, noise: Double) {
    initial = SearchPoint(step: 0, value: value, slope: slope)
    self.noise = noise
    best = initial
    other = initial
    self.step = step
    width = largest
    previousWidth = 2 * largest
    upper = 5 * step
  }

  /// The whole state, for a checkpoint.
  var numbers: [Double] {
    [initial.value, initial.slope, noise] + [best, other].flatMap { [$0.step, $0.value, $0.slope] }
      + [step, isBracketed ? 1 : 0, isFirstStage ? 1 : 0, width, previousWidth, lower, upper]
  }

  /// What stands for no search in as many numbers.
  static let none = [Double](repeating: .nan, count: 16)

  /// The search that had these numbers; nil for `none`.
  init?(numbers: some Collection<Double>) {
    let n = Array(numbers)
    guard n.count == Self.none.count, !n[0].isNaN else { return nil }
    self.init(value: n[0], slope: n[1], step: n[9], noise: n[2])
    best = SearchPoint(step: n[3], value: n[4], slope: n[5])
    other = SearchPoint(step: n[6], value: n[7], slope: n[8])
    isBracketed = n[10] != 0
    isFirstStage = n[11] != 0
    width = n[12]
    previousWidth = n[13]
    lower = n[14]
    upper = n[15]
  }

  /// Takes φ and φ' at the length asked for last.
  mutating func next(value: Double, slope: Double) -> Verdict {
    guard value.isFinite, slope.isFinite else { return .failed }
    let wanted = sufficientDecrease * initial.slope
    let bound = initial.value + step * wanted + noise
    if isFirstStage, value <= bound, slope >= 0 { isFirstStage = false }
    if value <= bound, abs(slope) <= -curvature * initial.slope { return .found }
    if isBracketed, step <= lower || step >= upper || upper - lower <= relativeWidth * upper {
      return .failed
    }
    if step == largest, value <= bound { return .failed }

    let trial = SearchPoint(step: step, value: value, slope: slope)
    if isFirstStage, value <= best.value, value > bound {
      // In the first stage the interval is moved by ψ(α) = φ(α) − φ(0) − μ α φ'(0).
      let ends = advance(best.shifted(by: wanted), other.shifted(by: wanted), trial.shifted(by: wanted))
      (best, other) = (ends.best.shifted(by: -wanted), ends.other.shifted(by: -wanted))
    } else {
      (best, other) = advance(best, other, trial)
    }
    if isBracketed {
      let span = abs(other.step - best.step)
      if span >= 0.66 * previousWidth { step = best.step + 0.5 * (other.step - best.step) }
      previousWidth = width
      width = span
      lower = min(best.step, other.step)
      upper = max(best.step, other.step)
    } else {
      lower = step + 1.1 * (step - best.step)
      upper = step + 4 * (step - best.step)
    }
    step = min(max(step, 0), largest)
    if isBracketed, step <= lower || step >= upper || upper - lower <= relativeWidth * upper {
      step = best.step
    }
    return step > 0 ? .evaluate(step) : .failed
  }

  /// The safeguarded step of `dcstep`: a cubic or quadratic fit picks the next length, and the interval that
  /// holds a minimiser shrinks.
  private mutating func advance(
    _ best: SearchPoint, _ other: SearchPoint, _ trial: SearchPoint
  ) -> (best: SearchPoint, other: SearchPoint) {
    let opposite = trial.slope * (best.slope < 0 ? -1 : 1) < 0
    var next: Double
    if trial.value > best.value {
      let cubic = best.cubicMinimizer(trial)
      let secant = (best.value - trial.value) / (trial.step - best.step) + best.slope
      let quadratic = best.step + best.slope / secant / 2 * (trial.step - best.step)
      next = abs(cubic - best.step) < abs(quadratic - best.step) ? cubic : cubic + (quadratic - cubic) / 2
      isBracketed = true
    } else if opposite {
      let cubic = trial.cubicMinimizer(best)
      let secant = trial.secantMinimizer(best)
      next = abs(cubic - trial.step) > abs(secant - trial.step) ? cubic : secant
      isBracketed = true
    } else if abs(trial.slope) < abs(best.slope) {
      let cubic = trial.extrapolatedCubicMinimizer(best) ?? (trial.step > best.step ? upper : lower)
      let secant = trial.secantMinimizer(best)
      if isBracketed {
        next = abs(cubic - trial.step) < abs(secant - trial.step) ? cubic : secant
        let limit = trial.step + 0.66 * (other.step - trial.step)
        next = trial.step > best.step ? min(limit, next) : max(limit, next)
      } else {
        next = abs(cubic - trial.step) > abs(secant - trial.step) ? cubic : secant
        next = min(max(next, lower), upper)
      }
    } else if isBracketed {
      next = trial.cubicMinimizer(other)
    } else {
      next = trial.step > best.step ? upper : lower
    }
    step = next
    if trial.value > best.value { return (best, trial) }
    return (trial, opposite ? best : other)
  }
}

/// φ and φ' at one length.
struct SearchPoint: Sendable {
  var step: Double
  var value: Double
  var slope: Double

  /// The same of φ(α) − α · `slope`.
  func shifted(by shift: Double) -> SearchPoint {
    SearchPoint(step: step, value: value - step * shift, slope: slope - shift)
  }

  /// The minimiser of the cubic through this point and `end`.
  func cubicMinimizer(_ end: SearchPoint) -> Double {
    let theta = 3 * (value - end.value) / (end.step - step) + slope + end.slope
    let scale = max(abs(theta), abs(slope), abs(end.slope))
    guard scale > 0 else { return step }
    let root = max(0, (theta / scale) * (theta / scale) - (slope / scale) * (end.slope / scale)).squareRoot()
    let gamma = end.step < step ? -scale * root : scale * root
    let ratio = ((gamma - slope) + theta) / (((gamma - slope) + gamma) + end.slope)
    return step + ratio * (end.step - step)
  }

  /// As above where the slopes have one sign: nil unless the cubic has its minimiser beyond this point.
  func extrapolatedCubicMinimizer(_ start: SearchPoint) -> Double? {
    let theta = 3 * (start.value - value) / (step - start.step) + start.slope + slope
    let scale = max(abs(theta), abs(start.slope), abs(slope))
    let square = (theta / scale) * (theta / scale) - (start.slope / scale) * (slope / scale)
    let root = scale * max(0, square).squareRoot()
    let gamma = step > start.step ? -root : root
    let ratio = ((gamma - slope) + theta) / ((gamma + (start.slope - slope)) + gamma)
    return ratio < 0 && gamma != 0 ? step + ratio * (start.step - step) : nil
  }

  /// Where the line through both slopes is zero.
  func secantMinimizer(_ other: SearchPoint) -> Double {
    step + slope / (slope - other.slope) * (other.step - step)
  }
}
