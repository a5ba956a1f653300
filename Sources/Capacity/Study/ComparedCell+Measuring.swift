extension ComparedCell {
  /// A cell whose measurement has these probes, a race's among them.
  package init(
    label: String, values: [AxisValue], job: String? = nil, plan: MeasurementPlan,
    observations: [ProbeObservation], incomplete: String? = nil
  ) {
    let (plan, own) = plan.measured(observations)
    if own.isEmpty, !observations.isEmpty {
      self.init(
        label: label, values: values, job: job,
        outcome: .missing(
          incomplete == nil
            ? "a limit ended it before its procedure was chosen" : "its procedure is still being chosen"),
        incomplete: incomplete)
      return
    }
    self.init(
      label: label, values: values, job: job, observations: own, search: plan.search,
      parameterCount: plan.parameterCount,
      generalization: plan.generalization(own).map {
        ComparedCell.Generalization(testAccuracy: $0.testAccuracy.value, gap: $0.gap.value)
      }, incomplete: incomplete)
  }
}
