extension ComparedCell {
  /// A cell whose measurement has these probes, a race's among them.
  package init(
    label: String, values: [AxisValue], job: String? = nil, plan: MeasurementPlan,
    observations: [ProbeObservation], incomplete: String? = nil
  ) {
    let (plan, own) = plan.measured(observations)
    let incomplete = incomplete ?? (plan.isCutShort(own) ? "ended by its limits" : nil)
    if own.isEmpty, !observations.isEmpty {
      self.init(
        label: label, values: values, job: job,
        outcome: .missing("no run has ended beyond those that are to choose its procedure"),
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
