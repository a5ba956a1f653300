/// The names that folders of splits have.
enum SplitName {
  enum Role: Hashable {
    case training, validation, test
  }

  private static let roles: [String: Role] = [
    "train": .training, "training": .training,
    "val": .validation, "valid": .validation, "validation": .validation, "dev": .validation,
    "eval": .validation,
    "test": .test, "testing": .test,
  ]

  /// What a folder's name says it is; nil for one that is none of a split.
  static func role(_ name: String) -> Role? { roles[name.lowercased()] }

  /// The names of validation splits; where there are several, the first stands for the missing test split.
  static let validation = ["validation", "valid", "val", "dev", "eval"]
}
