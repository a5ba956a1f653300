extension TableRow {
  /// The columns that every probe's row begins with.
  package static let probeColumns = [
    "digest", "state", "samples", "replicate", "max_steps", "outcome", "reason", "steps", "epochs",
    "training_accuracy", "loss", "seconds", "gradient_norm", "relative_gradient_norm", "loss_change",
    "learning_rate", "blas_kernels",
  ]

  /// A probe as one row, as the API lists it or as a result has it; its curve is a table of its own.
  ///
  /// - Parameter leading: cells that come first.
  package init(probe: JSONValue, leading: [(column: String, value: JSONValue)] = []) {
    self.init()
    for cell in leading { add(cell.column, cell.value) }
    add(tree: probe, excluding: ["curve"])
    arrange(Self.probeColumns, after: leading.count)
  }

  /// The columns of a curve's rows.
  package static let curveColumns = ["digest", "samples", "replicate", "steps", "loss", "training_accuracy"]

  /// A probe's curve as rows, one a recorded epoch; none where the probe has no curve.
  package static func curve(ofProbe probe: JSONValue) -> [TableRow] {
    guard let curve = probe["curve"], let steps = curve["steps"]?.arrayValue else { return [] }
    let (loss, accuracy) = (
      curve["loss"]?.arrayValue ?? [], curve["training_accuracy"]?.arrayValue ?? []
    )
    return steps.indices.map { index in
      var row = TableRow()
      for name in ["digest", "samples", "replicate"] { row.add(name, probe[name] ?? .null) }
      row.add("steps", steps[index])
      row.add("loss", index < loss.count ? loss[index] : .null)
      row.add("training_accuracy", index < accuracy.count ? accuracy[index] : .null)
      return row
    }
  }
}
