extension TableRow {
  /// The columns that every measurement's row begins with, whatever was measured.
  package static let measurementColumns = [
    "id", "name", "state", "emc", "interval.lower", "interval.upper", "interval.level", "settled",
    "bounded_by",
    "parameter_count", "emc_per_parameter", "probe_count", "fit_probability.threshold",
    "fit_probability.scale",
    "fit_probability.lapse", "fit_probability.monotone_p_value", "strict.largest_fit", "strict.first_unfit",
    "bracket.largest_fit", "bracket.smallest_unfit", "budget.steps", "budget.tolerance",
    "budget.trained_anew",
    "budget.growth_per_doubling.value", "budget.growth_per_doubling.interval.lower",
    "budget.growth_per_doubling.interval.upper", "budget.growth_per_doubling.interval.level",
    "failures.count",
    "failures.unverified", "summary", "error", "created_at", "started_at", "finished_at",
    "environment.version", "environment.engine_revision", "environment.blas_kernels",
  ]

  /// What is a table of its own: the probes, a race's among them, and the fit curve with its band.
  private static let ownTables: Set<String> = ["probes", "tuning.probes", "fit_probability.curve"]

  /// A measurement as one row: what was found under its names in the result (`emc`, `interval.lower`), what was asked for
  /// under `specification.`, and the job's own facts. `budget.settled` is called `settled`.
  ///
  /// - Parameters:
  ///   - measurement: a job as the API shows it, with `result` a member, or what `emc measure` prints, with the result's
  ///     members beside `specification`. The result's probes and fit curve have no place in a row.
  ///   - leading: cells that come first.
  package init(measurement: JSONValue, leading: [(column: String, value: JSONValue)] = []) {
    self.init()
    for cell in leading { add(cell.column, cell.value) }
    guard case .object(var members) = measurement else { return }
    // Where a result is a member it is the job's; else the members are the result's own.
    let result = members.removeValue(forKey: "result")
    let specification = members.removeValue(forKey: "specification")
    let labels = members.removeValue(forKey: "labels")
    if let detail = members["error"]?["detail"] { members["error"] = detail }
    // The job's progress ends with its result; what it waits for, once it has ended, is nothing.
    for passing in ["progress", "waiting_for"] { members[passing] = nil }
    add(tree: .object(members), excluding: Self.ownTables)
    if let result { add(tree: result, excluding: Self.ownTables) }
    rename("budget.settled", to: "settled")
    arrange(Self.measurementColumns, after: leading.count)
    if self["name"] == .null, let name = specification?["name"] {
      replace("name", with: name)
    }
    if let labels { add(tree: labels, under: "labels") }
    if case .object(var fields)? = specification {
      // It stands in front.
      fields["name"] = nil
      add(tree: .object(fields), under: "specification")
    }
  }
}
