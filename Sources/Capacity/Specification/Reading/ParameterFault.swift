/// A parameter that has a value it can't have: a flag of a command, a part of a form, a query's. It is apart from
/// `SpecificationFault` since neither has what the other is: a parameter has a name and the text that was given, a value in
/// a document has a place in it and is JSON, and clients find them under other members (`parameter`, `pointer`).
package struct ParameterFault: Sendable, Hashable {
  /// The parameter's name.
  package let parameter: String
  /// What was given, as it was written; nil where nothing was.
  package let value: String?
  /// What would be right, in words.
  package let allowed: String
  /// What is wrong.
  package let detail: String

  /// A fault of one parameter.
  package init(parameter: String, value: String?, allowed: String, detail: String) {
    self.parameter = parameter
    self.value = value
    self.allowed = allowed
    self.detail = detail
  }
}

/// Every parameter that is at fault.
package struct ParametersError: Error, Sendable, Hashable {
  /// At least one.
  package let faults: [ParameterFault]

  /// The error that lists these faults.
  package init(faults: [ParameterFault]) { self.faults = faults }
}
