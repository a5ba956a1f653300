import Foundation

/// Bytes that the probes of one machine may take together.
package enum MemoryLimit {
  /// What is left to probes of `available` bytes: an eighth, at least 256 MiB but at most half, stays with the rest of
  /// the process, the database beside it and the system.
  package static func ofProbes(available: Int) -> Int {
    available - min(available / 2, max(available / 8, 256 << 20))
  }

  /// What this machine, or the container that this process runs in, leaves to probes.
  package static let ofThisMachine = ofProbes(
    available: min(
      Int(clamping: ProcessInfo.processInfo.physicalMemory), ControlGroups(root: "/").memoryLimit ?? .max))
}

/// The control groups of this process, as Linux shows them: version 2 (`memory.max`) or 1 (`memory.limit_in_bytes`).
///
/// A limit holds for all groups below the one that has it, so the least of all on the way to the root is what counts. In
/// a container the root of the hierarchy that can be seen is usually the container's own group.
package struct ControlGroups {
  /// Where the file system begins, for tests.
  let root: String

  /// The control groups as a file system shows them.
  package init(root: String) { self.root = root.hasSuffix("/") ? String(root.dropLast()) : root }

  /// The least limit of memory in bytes; nil where there is none.
  package var memoryLimit: Int? {
    mounts.compactMap { mount in
      ancestors(of: mount).compactMap { limit(in: $0, mount.file) }.min()
    }.min()
  }

  private struct Mount {
    /// Where the hierarchy is mounted.
    let point: String
    /// The group that is shown there as the root.
    let shown: String
    /// This process's group, from the hierarchy's root.
    let group: String
    /// The file that holds a limit.
    let file: String
  }

  /// The mounted hierarchies that may limit memory, with this process's place in each.
  private var mounts: [Mount] {
    let groups = memberships
    return lines(of: "/proc/self/mountinfo").compactMap { line in
      // 36 35 98:0 /shown /point rw,… shared:1 - type source options
      let parts = line.components(separatedBy: " - ")
      let fields = parts[0].split(separator: " ").map(String.init)
      let rest = parts.dropFirst().first?.split(separator: " ").map(String.init) ?? []
      guard fields.count >= 5, let type = rest.first else { return nil }
      let place = (point: Self.unescaped(fields[4]), shown: Self.unescaped(fields[3]))
      switch type {
      case "cgroup2":
        return groups[""].map {
          Mount(point: place.point, shown: place.shown, group: $0, file: "memory.max")
        }
      case "cgroup" where rest.last?.split(separator: ",").contains("memory") == true:
        return groups["memory"].map {
          Mount(point: place.point, shown: place.shown, group: $0, file: "memory.limit_in_bytes")
        }
      default: return nil
      }
    }
  }

  /// This process's group in each hierarchy, by controller; version 2 has an empty name.
  private var memberships: [String: String] {
    var groups: [String: String] = [:]
    for line in lines(of: "/proc/self/cgroup") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      for controller in fields[1].split(separator: ",", omittingEmptySubsequences: false) {
        groups[String(controller)] = String(fields[2])
      }
    }
    return groups
  }

  /// The folders from the process's group to the root that can be seen.
  private func ancestors(of mount: Mount) -> [String] {
    var path = mount.group
    if mount.shown != "/", path == mount.shown || path.hasPrefix(mount.shown + "/") {
      path.removeFirst(mount.shown.count)
    }
    var names = path.split(separator: "/").map(String.init)
    // A group outside of what is shown ("/../other") can't be looked at.
    if names.contains("..") { names = [] }
    var folders = [mount.point]
    for name in names { folders.append(folders[folders.count - 1] + "/" + name) }
    return folders
  }

  private func limit(in folder: String, _ file: String) -> Int? {
    guard let text = lines(of: "\(folder)/\(file)").first, let bytes = Int(text), bytes > 0 else {
      return nil
    }
    // Version 1 writes the largest number of pages where there is no limit.
    return bytes < 1 << 62 ? bytes : nil
  }

  private func lines(of path: String) -> [String] {
    guard let text = try? String(contentsOfFile: root + path, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").map(String.init)
  }

  /// `mountinfo` writes spaces and the like as octal escapes.
  private static func unescaped(_ text: String) -> String {
    var result: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.count >= 3,
        let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
      {
        result.append(value)
        rest = rest.dropFirst(3)
      } else {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
