/// An option of a user's file that has a value it can't have.
public struct OptionFault: Sendable, Hashable {
  /// The option's name.
  public let option: String
  /// What was given; nil when the option is missing.
  public let value: String?
  /// What would be right, in words.
  public let allowed: String
  /// What is wrong.
  public let detail: String

  /// A fault of one option.
  public init(option: String, value: String?, allowed: String, detail: String) {
    self.option = option
    self.value = value
    self.allowed = allowed
    self.detail = detail
  }
}

/// Every option of a user's file that is at fault.
public struct OptionsError: Error, Sendable, Hashable {
  /// At least one.
  public let faults: [OptionFault]

  /// The error that lists these faults.
  public init(faults: [OptionFault]) { self.faults = faults }
}
