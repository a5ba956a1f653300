import Foundation
import PackagePlugin

/// Puts files of the repository into the binary: every migration, every preset of a study, the pages of the dashboard, the examples that it offers,
/// and the contract of the API. Which ones there are is looked up at every build.
@main struct EmbedFiles: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let root = context.package.directoryURL
    let folders = [
      "migrations": ["sql"], "Web": ["html", "css", "js", "svg", "txt"], "examples": ["json"],
      "presets": ["json"],
    ]
    let files = try folders.sorted { $0.key < $1.key }.reduce([root.appending(path: "openapi.yaml")]) {
      try $0 + Self.files(in: root.appending(path: $1.key), endings: $1.value)
    }
    let script = root.appending(path: "Plugins/EmbedFiles/embed")
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
    return [
      .buildCommand(
        displayName: "Embedding \(files.count) files", executable: URL(filePath: "/bin/sh"),
        arguments: [script.path, output.path, root.path] + files.map(\.path),
        inputFiles: files + [script], outputFiles: [output])
    ]
  }

  /// In order of their paths.
  private static func files(in folder: URL, endings: [String]) throws -> [URL] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .map { folder.appending(path: $0) }
      .filter { endings.contains($0.pathExtension) }.sorted { $0.path < $1.path }
  }
}
