extension ComparedCell {
  /// A cell whose measurement has these probes.
  package init(
    label: String, values: [AxisValue], job: String? = nil, plan: MeasurementPlan,
    observations: [ProbeObservation]
  ) {
    self.init(
      label: label, values: values, job: job, observations: observations, search: plan.search,
      parameterCount: plan.parameterCount,
      generalization: plan.generalization(observations).map {
        ComparedCell.Generalization(testAccuracy: $0.testAccuracy.value, gap: $0.gap.value)
      })
  }
}
