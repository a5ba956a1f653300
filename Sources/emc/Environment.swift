import ArgumentParser
import Capacity
import Datasets
import Foundation
import Logging
import Service

/// Configuration comes from flags, then from the environment, then from defaults.
enum Environment {
  static let variables = ProcessInfo.processInfo.environment

  /// A flag's value, or a variable's when there is no flag; an empty variable counts as none.
  static func value(_ flag: String?, _ variable: String) -> String? {
    flag ?? variables[variable].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// A number of workers: as many as there are cores when nothing is said.
  static func workers(_ flag: Int?, atLeast minimum: Int) throws -> Int {
    if let flag {
      guard (minimum...1024).contains(flag) else {
        throw WrongUsage(description: "--workers is \(flag); allowed: an integer from \(minimum) to 1024")
      }
      return flag
    }
    guard let text = value(nil, "EMC_WORKERS") else { return ProcessInfo.processInfo.activeProcessorCount }
    guard let number = Int(text), (minimum...1024).contains(number) else {
      throw WrongUsage(description: "EMC_WORKERS is \(text); allowed: an integer from \(minimum) to 1024")
    }
    return number
  }

  /// A number of bytes, perhaps with K, M or G for powers of 1024; nil where neither flag nor variable says any.
  static func bytes(_ flag: String?, _ name: String, _ variable: String) throws -> Int? {
    guard let text = value(flag, variable) else { return nil }
    let shift = ["K": 10, "M": 20, "G": 30][text.suffix(1).uppercased()]
    let number = Int(shift == nil ? text[...] : text.dropLast())
    guard let number, 1...((1 << 50) >> (shift ?? 0)) ~= number else {
      throw WrongUsage(
        description:
          "\(flag == nil ? variable : name) is \(text); allowed: bytes such as 1048576, 500M or 16G")
    }
    return number << (shift ?? 0)
  }

  /// A flag, or a variable that says true or false.
  static func flag(_ flag: Bool, _ variable: String) throws -> Bool {
    guard !flag, let text = value(nil, variable) else { return flag }
    guard let value = ["true": true, "1": true, "false": false, "0": false][text.lowercased()] else {
      throw WrongUsage(description: "\(variable) is \(text); allowed: true or false")
    }
    return value
  }

  /// An option's integer.
  ///
  /// - Throws: `WrongUsage`, which the parser puts behind what was given.
  @Sendable static func integer(_ text: String) throws -> Int {
    guard let number = Int(text) else { throw WrongUsage(description: "allowed: an integer") }
    return number
  }

  /// An integer within a range; nil where neither flag nor variable says any.
  static func integer(
    _ flag: Int?, _ name: String, _ variable: String, in range: ClosedRange<Int>
  ) throws -> Int? {
    let text = flag.map { String($0) } ?? value(nil, variable)
    guard let text else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw WrongUsage(
        description: "\(flag == nil ? variable : name) is \(text); allowed: an integer from "
          + "\(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// An option's values, or those that a variable has between commas.
  static func list(_ values: [String], _ variable: String) -> [String] {
    values.isEmpty
      ? (value(nil, variable) ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      : values
  }

  /// The same, each as what it stands for.
  ///
  /// - Throws: `WrongUsage` for the first that `read` makes nothing of.
  static func list<Element>(
    _ values: [String], _ name: String, _ variable: String, allowed: String, _ read: (String) -> Element?
  ) throws -> [Element] {
    try list(values, variable).map { text in
      guard let element = read(text) else {
        throw WrongUsage(
          description: "\(values.isEmpty ? variable : name) has \(text); allowed: \(allowed)")
      }
      return element
    }
  }

  /// From which level on log lines are written.
  static func logLevel() throws -> Logger.Level {
    guard let text = value(nil, "EMC_LOG_LEVEL") else { return .info }
    guard let level = Logger.Level(rawValue: text.lowercased()) else {
      let names = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
      throw WrongUsage(description: "EMC_LOG_LEVEL is \(text); allowed: one of \(names)")
    }
    return level
  }

  /// A time of days or hours; nil where neither flag nor variable says any.
  static func age(_ flag: String?, _ name: String, _ variable: String) throws -> Duration? {
    guard let text = value(flag, variable) else { return nil }
    let hours = ["d": 24, "h": 1][text.suffix(1).lowercased()]
    guard let hours, let number = Int(text.dropLast()), 1...100_000 ~= number else {
      throw WrongUsage(
        description:
          "\(flag == nil ? variable : name) is \(text); allowed: days such as 30d, or hours such as 12h")
    }
    return .seconds(number * hours * 3_600)
  }

  static func dataDirectory(_ flag: String?) -> URL {
    value(flag, "EMC_DATA_DIRECTORY").map { URL(filePath: $0, directoryHint: .isDirectory) }
      ?? ServiceConfiguration.defaultDataDirectory(environment: variables)
  }
}

/// The memory that probes may take.
struct MemoryOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Memory that the probes trained at once may take together, in bytes; K, M or G stand for powers of 1024. \
      EMC_MEMORY_LIMIT; default: what the machine or its container has, less an eighth.
      """, valueName: "bytes"))
  var memoryLimit: String?

  func limit() throws -> Int {
    try Environment.bytes(memoryLimit, "--memory-limit", "EMC_MEMORY_LIMIT") ?? MemoryLimit.ofThisMachine
  }
}

/// The room that ends of failed probes may take.
struct CheckpointOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Bytes in the database for the states in which failed probes ended, from which live jobs may go on; the oldest \
      go first. K, M or G stand for powers of 1024. EMC_CHECKPOINT_LIMIT; default: 4G.
      """, valueName: "bytes"))
  var checkpointLimit: String?

  func limit() throws -> Int {
    try Environment.bytes(checkpointLimit, "--checkpoint-limit", "EMC_CHECKPOINT_LIMIT")
      ?? WorkOptions.defaultCheckpointLimit
  }
}

/// Where data sets are kept and fetched from.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where data sets (and the private database) live. EMC_DATA_DIRECTORY; default: ~/.local/share/emc.",
      valueName: "directory"))
  var dataDirectory: String?

  @Option(
    help: ArgumentHelp(
      "Fetch data sets from this http, https or file URL instead of their public addresses. EMC_DATASET_MIRROR.",
      valueName: "url"))
  var datasetMirror: String?

  var directory: URL { Environment.dataDirectory(dataDirectory) }
  var mirror: String? { Environment.value(datasetMirror, "EMC_DATASET_MIRROR") }
  var library: DatasetLibrary { DatasetLibrary(directory: directory, mirror: mirror) }
}
