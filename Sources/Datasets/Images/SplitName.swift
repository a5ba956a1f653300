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

  /// Whether a folder seems to be a split that is called something else: `test1`, `train_images`, `seg_test`, `val2017`.
  static func isLikely(_ name: String) -> Bool {
    name.split { !$0.isLetter }.contains { role(String($0)) != nil }
  }

  /// The names of validation splits; where there are several, the first stands for the missing test split.
  static let validation = ["validation", "valid", "val", "dev", "eval"]
}
