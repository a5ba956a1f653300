import Capacity
import Foundation
import Testing

/// The memory that this process may use, as control groups of both versions show it.
@Suite struct MemoryLimitTests {
  /// A file system with these files; removed with it.
  private final class Files {
    let root = FileManager.default.temporaryDirectory.appending(path: "emc-groups-\(UUID().uuidString)")
    init(_ files: [String: String]) throws {
      for (path, text) in files {
        let file = root.appending(path: path)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
    }
    deinit { try? FileManager.default.removeItem(at: root) }
    var limit: Int? { withExtendedLifetime(self) { ControlGroups(root: root.path).memoryLimit } }
  }

  private static let unified =
    "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"

  @Test func versionTwoHasTheLeastLimitOnTheWayToTheRoot() throws {
    let files = try Files([
      "proc/self/mountinfo": Self.unified, "proc/self/cgroup": "0::/system.slice/emc.service\n",
      "sys/fs/cgroup/system.slice/memory.max": "1073741824\n",
      "sys/fs/cgroup/system.slice/emc.service/memory.max": "max\n",
    ])
    #expect(files.limit == 1 << 30)
    let tighter = try Files([
      "proc/self/mountinfo": Self.unified, "proc/self/cgroup": "0::/system.slice/emc.service\n",
      "sys/fs/cgroup/system.slice/memory.max": "1073741824\n",
      "sys/fs/cgroup/system.slice/emc.service/memory.max": "536870912\n",
    ])
    #expect(tighter.limit == 1 << 29)
  }

  /// In a container the root that is seen is the container's own group.
  @Test func aContainersOwnGroupIsTheRootThatItSees() throws {
    let files = try Files([
      "proc/self/mountinfo": Self.unified, "proc/self/cgroup": "0::/\n",
      "sys/fs/cgroup/memory.max": "2147483648\n",
    ])
    #expect(files.limit == 2 << 30)
    let shown = try Files([
      "proc/self/mountinfo":
        "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro master:16 - cgroup cgroup rw,memory\n",
      "proc/self/cgroup": "4:memory:/docker/abc\n0::/\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "1073741824\n",
    ])
    #expect(shown.limit == 1 << 30)
  }

  @Test func versionOneBesideVersionTwo() throws {
    let mounts =
      "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
      + "33 31 0:30 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
      + "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"
    let groups = "4:memory:/jobs/one\n1:cpu:/\n0::/\n"
    let files = try Files([
      "proc/self/mountinfo": mounts, "proc/self/cgroup": groups,
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "sys/fs/cgroup/memory/jobs/one/memory.limit_in_bytes": "3221225472\n",
    ])
    #expect(files.limit == 3 << 30)
    // The largest number of pages stands for no limit; a limit of another controller's group is none of memory.
    let none = try Files([
      "proc/self/mountinfo": mounts, "proc/self/cgroup": groups,
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "sys/fs/cgroup/cpu/memory.limit_in_bytes": "1024\n",
    ])
    #expect(none.limit == nil)
  }

  @Test func withoutControlGroupsThereIsNoLimit() throws {
    #expect(try Files(["proc/self/status": ""]).limit == nil)
    #expect(try Files(["proc/self/mountinfo": "nonsense\n", "proc/self/cgroup": "x\n"]).limit == nil)
  }

  @Test func anEighthIsLeftToTheRestButNeverMoreThanHalf() {
    #expect(MemoryLimit.ofProbes(available: 32 << 30) == 28 << 30)
    #expect(MemoryLimit.ofProbes(available: 1 << 30) == 768 << 20)
    #expect(MemoryLimit.ofProbes(available: 256 << 20) == 128 << 20)
    #expect(MemoryLimit.ofThisMachine <= Int(clamping: ProcessInfo.processInfo.physicalMemory))
  }
}
