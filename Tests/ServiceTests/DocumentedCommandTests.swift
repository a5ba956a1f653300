import Foundation
import Testing

/// The commands that README.md and docs/ show.
@Suite struct DocumentedCommandTests {
  /// Every option that a document shows with a command is one that the command has.
  @Test func documentedCommandsHaveTheirOptions() async throws {
    var root = URL(filePath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    let docs = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "docs").path)
    var options: [String: Set<String>] = [:]
    for name in ["README.md"] + docs.filter({ $0.hasSuffix(".md") }).map({ "docs/" + $0 }) {
      let text = try String(contentsOf: root.appending(path: name), encoding: .utf8)
      for block in text.matches(of: /(?s)```(?:sh)?\n(.*?)```/) {
        for line in block.1.split(separator: "\n") {
          guard
            let match = line.firstMatch(
              of:
                /^(?:\S+=\S+ )*emc ([a-z]+)(?: (list|add|show|fetch|remove|submit|wait|cancel|watch|results|create|revoke))?\b/
            )
          else { continue }
          let command = [String(match.1), match.2.map(String.init)].compactMap(\.self).joined(separator: " ")
          let named = line.matches(of: /(?:^|[ \[|])(--[a-z][a-z-]+)/).map { String($0.1) }
          options[command, default: []].formUnion(named)
        }
      }
    }
    #expect(options.count >= 8, "\(options.keys.sorted())")
    try await withFolder { folder in
      for (command, named) in options.sorted(by: { $0.key < $1.key }) {
        let pipe = Pipe()
        let words = command.split(separator: " ").map(String.init)
        // A line may sum up several subcommands: their options are looked for in all.
        let subcommands = [
          "datasets": ["list", "add", "show", "fetch", "remove"],
          "jobs": ["submit", "list", "show", "wait", "cancel", "watch", "results"],
          "tokens": ["create", "list", "revoke"],
        ]
        let helps = subcommands[command].map { $0.map { words + [$0] } } ?? [words]
        var help = ""
        for arguments in helps {
          let output = arguments == helps[0] ? pipe : Pipe()
          let process = try EMCProcess(arguments + ["--help"], in: folder, output: output)
          help += String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
          #expect(try await process.exitCode() == 0, "emc \(arguments.joined(separator: " "))")
        }
        for option in named.sorted() { #expect(help.contains(option), "emc \(command) has no \(option)") }
      }
    }
  }
}
