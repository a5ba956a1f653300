/// An option of a user's file that has a value it can't have.
package struct OptionFault: Sendable, Hashable {
  /// The option's name.
  package let option: String
  /// What was given; nil when the option is missing.
  package let value: String?
  /// What would be right, in words.
  package let allowed: String
  /// What is wrong.
  package let detail: String

  /// A fault of one option.
  package init(option: String, value: String?, allowed: String, detail: String) {
    self.option = option
    self.value = value
    self.allowed = allowed
    self.detail = detail
  }
}

/// Every option of a user's file that is at fault.
package struct OptionsError: Error, Sendable, Hashable {
  /// At least one.
  package let faults: [OptionFault]

  /// The error that lists these faults.
  package init(faults: [OptionFault]) { self.faults = faults }
}
