import Foundation
import PackagePlugin

/// Puts files of the repository into the binary: every migration, and the contract of the API. Which ones
/// there are is looked up at every build.
@main struct EmbedFiles: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let root = context.package.directoryURL
    let migrations = try FileManager.default.contentsOfDirectory(
      at: root.appending(path: "migrations"), includingPropertiesForKeys: nil
    ).filter { $0.pathExtension == "sql" }.sorted { $0.path < $1.path }
    let files = [root.appending(path: "openapi.yaml")] + migrations
    let script = root.appending(path: "Plugins/EmbedFiles/embed")
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
    return [
      .buildCommand(
        displayName: "Embedding \(files.count) files", executable: URL(filePath: "/bin/sh"),
        arguments: [script.path, output.path, root.path] + files.map(\.path),
        inputFiles: files + [script], outputFiles: [output])
    ]
  }
}
