/// Probes that a study has trained, a line each, so that another run need not train them again.
package enum ProbeLog {
  /// The line of a probe.
  package static func line(_ digest: String, _ probe: ProbeResult) -> [UInt8] {
    JSONValue.object(["digest": .string(digest), "probe": probe.json]).utf8() + [0x0A]
  }

  /// The bytes of a text up to its last whole line.
  package static func wholeLines(_ text: some Collection<UInt8>) -> Int {
    text.enumerated().reduce(0) { $1.element == 0x0A ? $1.offset + 1 : $0 }
  }

  /// The probes of a text by their content addresses; lines that can't be read, as a crash leaves them, are left out. Of
  /// another engine's probes no digest will be asked for.
  package static func read(_ text: some Sequence<UInt8>) -> [String: ProbeResult] {
    var probes: [String: ProbeResult] = [:]
    for line in Array(text).split(separator: 0x0A) {
      guard let json = try? JSONValue(parsing: line), let digest = json["digest"]?.stringValue,
        let probe = json["probe"].flatMap({ ProbeResult(json: $0) })
      else { continue }
      probes[digest] = probe
    }
    return probes
  }
}
