import Foundation

/// The programs of one installed PostgreSQL version.
package struct PostgresInstallation: Sendable, Hashable {
  /// The folder with `initdb` and `postgres`.
  let folder: String
  /// The major version: "15".
  let version: String

  var initdb: String { folder + "/initdb" }
  var postgres: String { folder + "/postgres" }

  /// Folders that may hold a server: those of PATH, then where Debian's packages put it (not in PATH there),
  /// the newest version first.
  package static func searchedFolders(path: String?) -> [String] {
    let root = "/usr/lib/postgresql"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    let versions = names.compactMap { Int($0) }.sorted(by: >)
    return (path ?? "").split(separator: ":").map(String.init) + versions.map { "\(root)/\($0)/bin" }
  }

  /// Every installed version, in the order of the folders, each version once.
  static func all(in folders: [String]) -> [PostgresInstallation] {
    var found: [PostgresInstallation] = []
    for folder in folders where folder.hasPrefix("/") {
      let isComplete = ["initdb", "postgres"].allSatisfy {
        FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)")
      }
      guard isComplete,
        let answer = try? DetachedProcess.output(of: "\(folder)/postgres", ["--version"], as: nil),
        // "postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)"
        let word = answer.split(separator: " ").first(where: { $0.first?.isNumber == true })
      else { continue }
      let version = String(word.prefix { $0.isNumber })
      if !found.contains(where: { $0.version == version }) {
        found.append(PostgresInstallation(folder: folder, version: version))
      }
    }
    return found
  }

  /// The version that made a data directory, else the first that is installed.
  static func choose(
    forVersion version: String?, in folders: [String], directory: String
  ) throws(ClusterError) -> PostgresInstallation {
    let installed = all(in: folders)
    guard let first = installed.first else { throw .noServer(searched: folders) }
    guard let version else { return first }
    guard let match = installed.first(where: { $0.version == version }) else {
      throw .versionMismatch(
        directory: directory, version: version, installed: installed.map { "PostgreSQL \($0.version)" })
    }
    return match
  }
}
