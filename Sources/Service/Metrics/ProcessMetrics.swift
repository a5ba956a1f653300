import Capacity
import Foundation

/// What the kernel says of this process, and its version.
enum ProcessMetrics {
  static func samples() -> [PrometheusExporter.Sample] {
    var samples = [
      PrometheusExporter.Sample(
        .build, 1, ["version": emcVersion, "engine_revision": String(engineRevision)])
    ]
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    // proc(5): the fields behind the name, which may hold anything, in parentheses.
    if let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
      let end = text.lastIndex(of: ")")
    {
      let fields = text[text.index(after: end)...].split(separator: " ")
      if fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
        let started = Double(fields[19]), let virtual = Double(fields[20]), let pages = Double(fields[21])
      {
        samples.append(.init(.cpu, (user + system) / ticks))
        samples.append(.init(.virtualMemory, virtual))
        samples.append(.init(.residentMemory, pages * Double(sysconf(Int32(_SC_PAGESIZE)))))
        if let boot = bootTime { samples.append(.init(.startTime, boot + started / ticks)) }
      }
    }
    if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
      samples.append(.init(.openFiles, Double(files.count)))
    }
    var limit = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      samples.append(.init(.maxFiles, Double(limit.rlim_cur)))
    }
    return samples
  }

  private static let bootTime: Double? = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8))?
    .split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }
}
